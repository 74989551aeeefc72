"""Parts of tabular models in words that ONNX has; each computes what the part it replaces does."""

import json
import math
import tempfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from compete.export.demo import NotExportable
from compete.problems import Problem, Regression
from compete.tasks.tabular.boosting import SURE, Boosting
from compete.tasks.tabular.network import Normal

# Of the inverse of the normal distribution: Cephes ndtri (Moshier, 1984), as torch has it.
_P0 = (
    -59.9633501014107895,
    98.0010754185999662,
    -56.6762857469070293,
    13.9312609387279680,
    -1.23916583867381258,
)
_Q0 = (
    1.0,
    1.95448858338141760,
    4.67627912898881538,
    86.3602421390890591,
    -225.462687854119371,
    200.260212380060660,
    -82.0372256168333340,
    15.9056225126211696,
    -1.18331621121330003,
)
_P1 = (
    4.05544892305962420,
    31.5251094599893867,
    57.1628192246421289,
    44.0805073893200835,
    14.6849561928858024,
    2.18663306850790268,
    -0.140256079171354496,
    -0.0350424626827848203,
    -0.000857456785154685414,
)
_Q1 = (
    1.0,
    15.7799883256466750,
    45.3907635128879211,
    41.3172038254672030,
    15.0425385692907504,
    2.50464946208309416,
    -0.142182922854787789,
    -0.0380806407691578277,
    -0.000933259480895457427,
)
_TAIL = math.exp(-2)


def ndtri(p: Tensor) -> Tensor:
    """Return where the normal distribution function has the values `p`, from 1e-13 to 1 - 1e-13."""
    middle = p - 0.5
    square = middle * middle
    centre = middle + middle * square * _polynomial(square, _P0) / _polynomial(square, _Q0)
    low = torch.minimum(p, 1 - p)
    x = (-2 * low.log()).sqrt()
    tail = x - x.log() / x - _polynomial(1 / x, _P1) / x / _polynomial(1 / x, _Q1)
    outside = torch.where(p < 0.5, -tail, tail)
    return torch.where(low < _TAIL, outside, centre * math.sqrt(2 * math.pi))


def _polynomial(x: Tensor, factors: tuple[float, ...]) -> Tensor:
    total = torch.full_like(x, factors[0])
    for factor in factors[1:]:
        total = total * x + factor
    return total


class QuantileNormal(nn.Module):
    """`Normal` by comparisons, since ONNX can't search in sorted values.

    Args:
        normal: whose edges are taken over.
    """

    edges: Tensor

    def __init__(self, normal: Normal) -> None:
        super().__init__()
        self.register_buffer("edges", normal.edges)

    def forward(self, numbers: Tensor) -> Tensor:
        """Numbers `(n, p)`, NaN where missing, to normal scores."""
        missing = numbers.isnan()
        values = torch.where(missing, torch.zeros_like(numbers), numbers)
        above = values[:, :, None] > self.edges
        reached = values[:, :, None] >= self.edges
        rank = (self._rank(values, reached) + self._rank(values, above)) / 2
        scores = ndtri(rank.clamp(0.001, 0.999).double()).float()
        return torch.where(missing, torch.zeros_like(scores), scores)

    def _rank(self, values: Tensor, passed: Tensor) -> Tensor:
        last = self.edges.shape[1] - 1
        index = passed.long().sum(dim=2).clamp(1, last)
        edges = self.edges.expand(values.shape[0], -1, -1)
        low = edges.gather(2, index[:, :, None] - 1)[:, :, 0]
        high = edges.gather(2, index[:, :, None])[:, :, 0]
        part = ((values - low) / (high - low).clamp(min=1e-12)).clamp(0, 1)
        return (index - 1 + part) / last


class Trees(nn.Module):
    """CatBoost's trees as comparisons and a table of leaves, all models of all bags.

    Args:
        boosting: what was trained.
        problem: what is predicted.

    Raises:
        NotExportable: a tree splits by a category.
    """

    def __init__(self, boosting: Boosting, problem: Problem) -> None:
        super().__init__()
        self.regression = isinstance(problem, Regression)
        self.classes = problem.outputs if problem.has_classes else 1
        self.parts = nn.ModuleDict()
        self.constants: dict[str, float] = {}
        self.order = sorted({int(name.split("-")[0]) for name in boosting.models})
        self.bags = boosting.bags
        for name, model in boosting.models.items():
            if isinstance(model, float):
                self.constants[name] = model
            else:
                self.parts[name] = _Ensemble(_as_json(model))

    def forward(self, numbers: Tensor, codes: Tensor) -> Tensor:
        """Numbers `(n, p)`, and codes that no tree reads, to logits `(n, bags, outputs)`."""
        bags = [
            torch.cat([self._logits(f"{output}-{bag}", numbers) for output in self.order], dim=1)
            for bag in range(self.bags)
        ]
        return torch.stack(bags, dim=1).float().clamp(-SURE, SURE)

    def _logits(self, name: str, numbers: Tensor) -> Tensor:
        if name in self.constants:
            raise NotExportable("one of its models is a constant")
        raw: Tensor = self.parts[name](numbers)
        return torch.cat([torch.zeros_like(raw), raw], dim=1) if self.classes == 2 else raw


class _Ensemble(nn.Module):
    feature: Tensor
    border: Tensor
    missing: Tensor
    bit: Tensor
    start: Tensor
    leaves: Tensor
    bias: Tensor

    def __init__(self, model: dict[str, Any]) -> None:
        super().__init__()
        trees = model["oblivious_trees"]
        kinds = {split["split_type"] for tree in trees for split in tree["splits"] or ()}
        if kinds - {"FloatFeature"}:
            raise NotExportable("its trees split on categories, which ONNX does not support")
        depth = max([len(tree["splits"] or ()) for tree in trees], default=0) or 1
        scale, bias = model["scale_and_bias"]
        outputs = len(bias)
        upwards = {
            one["feature_index"]: one.get("nan_value_treatment") == "AsTrue"
            for one in model["features_info"].get("float_features", [])
        }
        feature = torch.zeros(len(trees), depth, dtype=torch.long)
        border = torch.full((len(trees), depth), math.inf)
        missing = torch.zeros(len(trees), depth, dtype=torch.bool)
        leaves = torch.zeros(len(trees), 2**depth, outputs, dtype=torch.double)
        for row, tree in enumerate(trees):
            for place, split in enumerate(tree["splits"] or ()):
                feature[row, place] = split["float_feature_index"]
                border[row, place] = split["border"]
                missing[row, place] = upwards.get(split["float_feature_index"], False)
            values = torch.tensor(tree["leaf_values"], dtype=torch.double)
            leaves[row, : len(values) // outputs] = values.reshape(-1, outputs)
        self.shape = (len(trees), depth)
        self.register_buffer("feature", feature.flatten())
        self.register_buffer("border", border.flatten())
        self.register_buffer("missing", missing.flatten())
        self.register_buffer("bit", 2 ** torch.arange(depth))
        self.register_buffer("start", 2**depth * torch.arange(len(trees)))
        self.register_buffer("leaves", scale * leaves.flatten(0, 1))
        self.register_buffer("bias", torch.tensor(bias, dtype=torch.double))

    def forward(self, numbers: Tensor) -> Tensor:
        """Numbers `(n, p)` to the sums of leaves `(n, outputs)`."""
        values = numbers.index_select(1, self.feature)
        right = (values > self.border) | (values.isnan() & self.missing)
        index = (right.reshape(-1, *self.shape).long() * self.bit).sum(dim=2) + self.start
        found = self.leaves.index_select(0, index.flatten())
        return found.reshape(index.shape[0], self.shape[0], -1).sum(dim=1) + self.bias


def _as_json(model: Any) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "model.json")
        try:
            model.save_model(str(file), format="json")
        except Exception as error:  # CatBoost's one kind: of what the format can't hold
            raise NotExportable("CatBoost can't write its trees as JSON") from error
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found
