"""One or more values for each row."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from typing_extensions import override

from compete.errors import Fault
from compete.problems.base import Mistakes, Problem, TargetStats, analysis_table, arrays

if TYPE_CHECKING:
    from torch import Tensor

_BINS = 10
_MOST_TARGETS = 4  # so many are drawn


class Regression(Problem):
    """Values `(n, targets)`, which the loss sees with mean 0 and standard deviation 1."""

    name = "regression"
    unusual = "Errors much larger than those of similar predictions."

    @property
    @override
    def output_names(self) -> list[str]:
        return self.contract.target_columns

    @override
    def targets(self, table: pl.DataFrame) -> "Tensor":
        import torch

        values = table.select(self.contract.target_columns).to_numpy().astype(np.float32)
        return torch.from_numpy(values)

    @override
    def strata(self, table: pl.DataFrame, folds: int) -> NDArray[np.int64]:
        ranks = table[self.contract.target_columns[0]].rank("ordinal").to_numpy() - 1
        bins = max(1, min(_BINS, table.height // folds))
        return ranks * bins // table.height

    @override
    def question(self) -> str:
        columns = ", ".join(self.contract.target_columns)
        return f"for {columns} of each of {self.contract.rows:,} test samples"

    @override
    def transform(self, targets: "Tensor") -> "Tensor":
        return targets.log1p() if self.contract.scoring.log_scale else targets

    @override
    def target_stats(self, targets: "Tensor", class_weights: bool) -> TargetStats:
        scoring = self.contract.scoring
        if scoring.log_scale and bool((targets < 0).any()):
            raise Fault(
                f"By {scoring.name} models are trained on log1p of the targets, some of which are "
                "below zero.",
                "Set `metric: mae` or `metric: rmse` under `competition` in params.yaml.",
            )
        stats, values = super().target_stats(targets, class_weights), self.transform(targets)
        return TargetStats(values.mean(dim=0), values.std(dim=0).clamp(min=1e-6), stats.weight)

    @override
    def standardize(self, targets: "Tensor", stats: TargetStats) -> "Tensor":
        return (self.transform(targets) - stats.mean) / stats.std

    @override
    def loss(
        self, logits: "Tensor", targets: "Tensor", stats: TargetStats, smoothing: float = 0.0
    ) -> "Tensor":
        scoring, error = self.contract.scoring, self.standardize(targets, stats) - logits
        if not scoring.absolute:
            return error.square().mean()
        # twice the pinball loss: of the median it is the absolute error
        return 2 * error.mul(scoring.quantile).maximum(error.mul(scoring.quantile - 1)).mean()

    @override
    def predictions(self, logits: "Tensor", stats: TargetStats) -> "Tensor":
        values = logits.float() * stats.std + stats.mean
        return values.expm1().clamp(min=0) if self.contract.scoring.log_scale else values

    @override
    def mean_logits(self, logits: "Tensor") -> "Tensor":
        return logits.mean(dim=1)

    @override
    def submission(self, predictions: Any, columns: Sequence[str]) -> dict[str, Any]:
        return {name: np.asarray(predictions)[:, i] for i, name in enumerate(columns)}

    @override
    def analyse(self, oof: pl.DataFrame) -> pl.DataFrame:
        outputs, target = arrays(oof)
        loss = (np.abs(outputs - target) / target.std(axis=0).clip(min=1e-12)).mean(axis=1)
        tenth = outputs[:, 0].argsort().argsort() * _BINS // len(outputs)
        usual = np.array(
            [np.median(loss[tenth == k]) if (tenth == k).any() else 1 for k in range(_BINS)]
        )
        columns = {
            "target": [", ".join(f"{value:.6g}" for value in row) for row in target],
            "prediction": [", ".join(f"{value:.6g}" for value in row) for row in outputs],
            "correct": [None] * len(loss),
            "confidence": [None] * len(loss),
            "loss": loss,
            "surprise": loss / usual[tenth].clip(min=1e-12),
        }
        return analysis_table(oof, columns)

    @override
    def mistakes(self, oof: pl.DataFrame, train: pl.DataFrame | None) -> Mistakes:
        from compete.charts import predictions as charts

        outputs, target = arrays(oof)
        names = self.contract.target_columns[:_MOST_TARGETS]
        losses = np.sort(self.analyse(oof)["loss"].to_numpy())[::-1]
        worst = losses[: -(-len(losses) // 20)].sum() / max(losses.sum(), 1e-12)
        return Mistakes(
            [charts.residuals(name, outputs[:, i], target[:, i]) for i, name in enumerate(names)],
            findings=[f"The worst 5% of predictions cause {worst:.0%} of the absolute error."],
        )
