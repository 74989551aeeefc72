"""TabM on encoded rows: each is k networks in one, which share most of their weights."""

import warnings
from typing import Any

import torch
from rtdl_num_embeddings import PeriodicEmbeddings, PiecewiseLinearEmbeddings, compute_bins
from tabm import TabM
from torch import Tensor, nn

from compete.tasks.tabular.encode import Encoded

_EDGES = 256
_ROWS = 8192  # so many are predicted at once
LEVELS = 64  # so many of a column's categories have a place of their own, the commonest


class Normal(nn.Module):
    """Brings numbers, whatever their spread, to a normal distribution; the missing to its middle.

    As scikit-learn's QuantileTransformer, but its quantiles are saved with the weights.

    Args:
        numbers: training rows `(n, p)`, NaN where missing; every column has a value.
    """

    edges: Tensor

    def __init__(self, numbers: Tensor) -> None:
        super().__init__()
        some = numbers[:: max(1, len(numbers) // 100_000)].double()
        grid = torch.linspace(0, 1, min(_EDGES, max(2, len(some))), dtype=torch.double)
        edges = torch.nanquantile(some, grid, dim=0).T.contiguous()
        self.register_buffer("edges", edges.float())

    def forward(self, numbers: Tensor) -> Tensor:
        """Numbers `(n, p)`, NaN where missing, to normal scores."""
        values = numbers.T.contiguous()
        rank = (self._rank(values, right=True) + self._rank(values, right=False)) / 2
        scores = torch.special.ndtri(rank.clamp(0.001, 0.999))
        return torch.where(values.isnan(), torch.zeros_like(scores), scores).T

    def _rank(self, values: Tensor, *, right: bool) -> Tensor:
        last = self.edges.shape[1] - 1
        index = torch.searchsorted(self.edges, values, right=right).clamp(1, last)
        low, high = self.edges.gather(1, index - 1), self.edges.gather(1, index)
        part = ((values - low) / (high - low).clamp(min=1e-12)).clamp(0, 1)
        return (index - 1 + part) / last


class Network(nn.Module):
    """A few of TabM (Gorishniy et al., ICLR 2025), with embeddings of their numbers.

    They share nothing but how numbers are scaled, so that what one of them says of rows that it was
    not trained on is honest. Piecewise-linear and periodic embeddings are those of Gorishniy et
    al., NeurIPS 2022.

    Args:
        numbers: training rows `(n, p)` to learn the spread of each column from.
        levels: how many codes each column of codes has.
        outputs: of one row and one network.
        bags: how many.
        parts: of the training rows; each TabM leaves out another of them.
        embedding: `piecewise`, `periodic` or `none`.
        bins: of a piecewise-linear embedding.
        arguments: TabM's own.
    """

    def __init__(
        self,
        numbers: Tensor,
        levels: list[int],
        outputs: int,
        bags: int,
        parts: int,
        embedding: str,
        bins: int,
        embedding_width: int,
        **arguments: Any,
    ) -> None:
        super().__init__()
        self.register_buffer("gaps", numbers.isnan().any(dim=0).nonzero()[:, 0])
        self.register_buffer("places", torch.tensor([min(n, LEVELS) for n in levels]).long())
        self.normal: nn.Module | None = Normal(numbers) if numbers.shape[1] else None
        edges: list[Tensor] | None = None
        if self.normal is not None and embedding == "piecewise" and len(numbers) > 2:
            scores = self.normal(numbers[:: max(1, len(numbers) // 100_000)])
            with warnings.catch_warnings():  # a column that is nearly always zero has one bin
                warnings.simplefilter("ignore", UserWarning)
                edges = compute_bins(_spread(scores), min(bins, len(scores) - 1))

        def embed() -> Any:
            if edges is not None:
                return PiecewiseLinearEmbeddings(
                    edges, embedding_width, activation=False, version="B"
                )
            if self.normal is not None and embedding == "periodic":
                return PeriodicEmbeddings(numbers.shape[1], embedding_width, lite=False)
            return None

        self.register_buffer("left_out", torch.arange(bags) % parts, persistent=False)
        self.tabms = nn.ModuleList(
            TabM.make(
                n_num_features=numbers.shape[1],
                cat_cardinalities=[*self.places.tolist(), *[2] * len(self.gaps)],
                d_out=outputs,
                num_embeddings=embed(),
                **arguments,
            )
            for _ in range(bags)
        )

    gaps: Tensor
    places: Tensor
    left_out: Tensor

    def forward(self, numbers: Tensor, codes: Tensor, only: int | None = None) -> Tensor:
        """Numbers `(n, p)` and codes `(n, q)` to logits `(n, bags * k, outputs)`.

        Args:
            numbers: NaN where missing.
            codes: of categories.
            only: the one TabM whose logits `(n, k, outputs)` are wanted.
        """
        codes = torch.where(codes < self.places, codes, 0)
        codes = torch.cat([codes, numbers[:, self.gaps].isnan().long()], dim=1)
        inputs = (
            self.normal(numbers) if self.normal is not None else None,
            codes if codes.shape[1] else None,
        )
        asked = self.tabms if only is None else [self.tabms[only]]
        return torch.cat([tabm(*inputs) for tabm in asked], dim=1)

    def without_left_out(self, logits: Tensor, parts: Tensor) -> Tensor:
        """Return logits from which no TabM learns of the rows that it leaves out.

        Args:
            logits: `(n, bags * k, outputs)`.
            parts: of the rows `(n,)`.
        """
        k = logits.shape[1] // len(self.tabms)
        # Without the size, the host would wait for the GPU to know it.
        each = self.left_out.repeat_interleave(k, output_size=logits.shape[1])
        return torch.where((parts[:, None] == each)[..., None], logits.detach(), logits)

    def out_of_bag(self, rows: Encoded, parts: Tensor) -> tuple[Tensor, Tensor]:
        """Return what each TabM predicts for the rows that it leaves out, one after the other.

        Args:
            rows: the training rows.
            parts: of each `(n,)`.

        Returns:
            Logits `(m, k, outputs)`, and the indices `(m,)` of the rows.
        """
        numbers, codes = torch.from_numpy(rows.numbers), torch.from_numpy(rows.codes)
        logits, places = [], []
        for bag, part in enumerate(self.left_out.tolist()):
            for some in torch.split(torch.where(parts == part)[0], _ROWS):
                given = numbers[some].to(self.gaps.device), codes[some].to(self.gaps.device)
                # Not as compiled: that would be once more for each TabM.
                logits.append(self.forward(*given, only=bag).float())
                places.append(some)
        return torch.cat(logits), torch.cat(places)


def _spread(scores: Tensor) -> Tensor:
    """Scores for which bins can be found: a column whose known values are all one gets a second."""
    same = (scores == scores[0]).all(dim=0)
    scores = scores.clone()
    scores[0, same] += 1.0
    return scores
