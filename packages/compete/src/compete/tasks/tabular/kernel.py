"""A linear model of how alike a row is to others, used in place of a network."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from compete.problems import Problem
from compete.problems.base import TargetStats
from compete.supervised.linear import best_l2, solve
from compete.tasks.tabular.encode import Encoded
from compete.tasks.tabular.network import LEVELS, Normal
from compete.tasks.tabular.one_hot import OneHot

_SMALL = 25_000  # training rows times outputs; of more, less is tried
_LANDMARKS = (1000, 300)
_MOST_ROWS = 20_000
_MOST_TARGETS = 200_000  # rows times outputs
_PENALTIES = (1e4, 1e3, 100.0, 10.0, 1.0, 0.1, 0.01)
_LEAST = 1e-5  # of the greatest eigenvalue; directions below it are rounding errors


class Kernel(nn.Module):
    """Logistic regression, or ridge, of Nyström features (Williams and Seeger, 2001).

    The kernel is 1 / (1 + d²), the rational quadratic one that mixes all length scales (Rasmussen
    and Williams, 2006); d² is the squared distance of two rows in units of its mean. Rows are
    normal scores of numbers, and zeros and ones of categories and of what is missing.

    Args:
        problem: what is predicted.
        numbers: training rows `(n, p)`, NaN where missing.
        levels: how many codes each column of codes has.
        seed: of which rows are landmarks.
    """

    levels: Tensor
    gaps: Tensor
    landmarks: Tensor
    scale: Tensor
    weight: Tensor
    bias: Tensor

    def __init__(self, problem: Problem, numbers: Tensor, levels: list[int], seed: int) -> None:
        super().__init__()
        self.problem, self.seed = problem, seed
        self.small = len(numbers) * problem.outputs <= _SMALL
        sizes = [min(n, LEVELS) for n in levels]
        self.register_buffer("gaps", numbers.isnan().any(dim=0).nonzero()[:, 0])
        self.register_buffer("levels", torch.tensor(sizes).long())
        self.normal: nn.Module | None = Normal(numbers) if numbers.shape[1] else None
        self.one_hot = OneHot(sizes)
        width = numbers.shape[1] + len(self.gaps) + sum(sizes)
        count = min(len(numbers), _LANDMARKS[not self.small])
        self.register_buffer("landmarks", torch.zeros(count, width))
        self.register_buffer("scale", torch.tensor(0.0))
        self.register_buffer("weight", torch.zeros(count, problem.outputs))
        self.register_buffer("bias", torch.zeros(problem.outputs))

    @property
    def is_fitted(self) -> bool:
        """Whether `fit`, or a state dict, has given it weights."""
        return bool(self.scale > 0)

    def fit(
        self, rows: Encoded, targets: Tensor, folds: NDArray[np.int64], stats: TargetStats
    ) -> None:
        """Choose landmarks and the penalty, and fit the weights.

        Args:
            rows: the training rows, of which at most 20,000 are used.
            targets: as `Problem.targets` makes them.
            folds: the fold of each row; a penalty is tried on folds that it was not fitted on.
            stats: what is known of the targets.
        """
        from threadpoolctl import threadpool_limits

        device, outputs = self.bias.device, self.problem.outputs
        most = min(_MOST_ROWS, max(2000, _MOST_TARGETS // outputs))
        used = np.random.default_rng(self.seed).permutation(len(targets))[:most]
        given = torch.from_numpy(rows.numbers[used]), torch.from_numpy(rows.codes[used])
        points = self.cpu().points(*given)
        self.landmarks = points[: len(self.landmarks)].clone()
        apart = 2 * points.double().var(dim=0, correction=0).sum()  # the mean squared distance
        self.scale = (1 / apart.clamp(min=1e-12)).float()
        values, vectors = torch.linalg.eigh(self._kernel(self.landmarks).double())
        kept = values > _LEAST * values[-1]
        projection = vectors[:, kept] / values[kept].sqrt()
        features = self._kernel(points).double() @ projection
        spread = features.std()
        x = (features / spread).numpy()
        targets, folds = targets[torch.from_numpy(used)], folds[used]
        parts = [folds == fold for fold in np.unique(folds)]
        with threadpool_limits(1):  # more threads are slower here, and round differently
            tried = parts if self.small else parts[-1:]
            l2 = best_l2(self.problem, x, targets, stats, tried, _PENALTIES)
            weight, bias = solve(self.problem, x, targets, stats, l2)
        self.weight = (projection / spread @ torch.from_numpy(weight)).float()
        self.bias = torch.from_numpy(bias).float()
        self.to(device)

    def points(self, numbers: Tensor, codes: Tensor) -> Tensor:
        """Numbers `(n, p)` and codes `(n, q)` to points `(n, width)`, for distances."""
        parts = [numbers[:, self.gaps].isnan().float()]
        if self.normal is not None:
            parts.append(self.normal(numbers))
        if codes.shape[1]:
            parts.append(self.one_hot(torch.where(codes < self.levels, codes, 0)))
        return torch.cat(parts, dim=1)

    def _kernel(self, points: Tensor) -> Tensor:
        own, others = points.square().sum(dim=1), self.landmarks.square().sum(dim=1)
        apart = own[:, None] + others - 2 * points @ self.landmarks.T
        return 1 / (1 + self.scale * apart.clamp(min=0))

    def forward(self, numbers: Tensor, codes: Tensor) -> Tensor:
        """Numbers `(n, p)` and codes `(n, q)` to logits `(n, 1, outputs)`.

        Never in 16 bits, in which differences of squares and sums of large weights are lost.
        """
        with torch.autocast(numbers.device.type, enabled=False):
            alike = self._kernel(self.points(numbers, codes))
            return (alike @ self.weight + self.bias)[:, None]
