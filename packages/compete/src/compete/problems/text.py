"""A text for each row: translations, summaries, and other sequence-to-sequence work."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import polars as pl
import polars.selectors as cs
from typing_extensions import override

from compete.files import OWN
from compete.metrics import get_metric
from compete.problems.base import PREFIX, TARGET, Mistakes, Problem, TargetStats

if TYPE_CHECKING:
    from torch import Tensor

_MOST_ROWS = 5000  # are analysed one by one
_BINS = 10
_LENGTHS = ["up to 5 words", "6 to 10 words", "11 to 20 words", "over 20 words"]
_MOST_GROUPS = 20  # a column of more different strings is no column of groups
IGNORED = -100  # what PyTorch's losses leave out


class TextOutput(Problem):
    """Logits of tokens `(n, length, vocabulary)`; predictions and targets are lists of strings."""

    name = "translation"
    unusual = "Errors much larger than those of similar predictions."

    @property
    @override
    def output_names(self) -> list[str]:
        return self.contract.target_columns[:1]

    @override
    def targets(self, table: pl.DataFrame) -> "Tensor":
        import torch

        return torch.empty(table.height, 0)  # tokens are kept elsewhere

    @override
    def counted(self, column: pl.Series) -> tuple[str, pl.Series]:
        return f"characters of {column.name}", column.str.len_chars().cast(pl.Float64)

    @override
    def question(self) -> str:
        return f"for the translation of each of {self.contract.rows:,} test samples"

    @override
    def loss(
        self, logits: "Tensor", targets: "Tensor", stats: TargetStats, smoothing: float = 0.0
    ) -> "Tensor":
        """Cross-entropy, a mean over the tokens that are no padding."""
        from torch.nn.functional import cross_entropy

        return cross_entropy(
            logits.float().flatten(0, 1),
            targets.flatten(),
            ignore_index=IGNORED,
            label_smoothing=smoothing,
        )

    @override
    def predictions(self, logits: "Tensor", stats: TargetStats) -> "Tensor":
        raise NotImplementedError("Text is generated token by token: see Model.predict_batch.")

    @override
    def mean_logits(self, logits: "Tensor") -> "Tensor":
        raise NotImplementedError("The mean of texts is chosen by compete.supervised.blend.")

    @override
    def with_predictions(self, table: pl.DataFrame, predictions: list[str]) -> pl.DataFrame:
        name = f"{PREFIX}{self.output_names[0]}"
        return table.with_columns(pl.Series(name, predictions, pl.String))

    @override
    def predictions_of(self, table: pl.DataFrame) -> list[str]:
        return table[f"{PREFIX}{self.output_names[0]}"].to_list()

    @override
    def with_targets(
        self, table: pl.DataFrame, source: pl.DataFrame, targets: "Tensor"
    ) -> pl.DataFrame:
        return table.with_columns(source[self.output_names[0]].alias(f"{TARGET}0"))

    @override
    def targets_of(self, table: pl.DataFrame) -> list[str]:
        return table[f"{TARGET}0"].to_list()

    @override
    def submission(self, predictions: Any, columns: Sequence[str]) -> dict[str, Any]:
        return {columns[0]: predictions}

    @property
    @override
    def cells(self) -> Literal["number", "name", "names", "text"]:
        return "text"

    @override
    def analyse(self, oof: pl.DataFrame) -> pl.DataFrame:
        """Return the analysis of at most 5,000 rows, by their chrF (Popović, 2015)."""
        score = get_metric("chrf").score
        chosen = oof.sample(min(oof.height, _MOST_ROWS), seed=0).sort("row")
        table = chosen.select(
            "row",
            pl.col(f"{TARGET}0").alias("target"),
            pl.col(f"^{PREFIX}.*$").alias("prediction"),
        )
        losses = [100 - score([found], [target]) for _, target, found in table.rows()]
        table = table.with_columns(
            (pl.col("target") == pl.col("prediction")).alias("correct"),
            pl.lit(None, dtype=pl.Float64).alias("confidence"),
            pl.Series("loss", losses, dtype=pl.Float64),
        )
        length = pl.col("target").str.len_chars().rank("ordinal") * _BINS // (table.height + 1)
        usual = pl.col("loss").median().over(length)
        return table.with_columns((pl.col("loss") / usual.clip(1.0)).alias("surprise"))

    @override
    def mistakes(self, oof: pl.DataFrame, train: pl.DataFrame | None) -> Mistakes:
        from compete.charts.predictions import counts

        table = self.analyse(oof)
        groups = self._by_group(table, train)
        figure = counts("chrF of a row", 100 - table["loss"])
        return Mistakes([figure], groups, [*_extremes(groups[0][1]), *_quality(table)])

    def _by_group(
        self, table: pl.DataFrame, train: pl.DataFrame | None
    ) -> list[tuple[str, pl.DataFrame]]:
        """Return how well texts are translated: by length, and by each column of few values."""
        words = pl.col("target").str.count_matches(r"\S+")
        place = pl.sum_horizontal((words > most).cast(pl.Int64) for most in (5, 10, 20))
        length = place.replace_strict(
            range(len(_LENGTHS)), _LENGTHS, return_dtype=pl.Enum(_LENGTHS)
        )
        result = [("By the length of the translation", _group_scores(table, length))]
        known = train[table["row"].to_list()] if train is not None else pl.DataFrame()
        columns = known.select(cs.string() - cs.starts_with(OWN))
        for column in columns.drop(self.contract.target_columns, strict=False).iter_columns():
            if 1 < column.n_unique() <= _MOST_GROUPS:
                groups = column.fill_null("none")
                result.append((f"By {column.name}", _group_scores(table, groups)))
        return result


def _extremes(lengths: pl.DataFrame) -> list[str]:
    """Return which lengths are translated best and worst, in a sentence."""
    if lengths.height < 2:
        return []
    ranked = lengths.sort("chrF")
    (worst, _, low), (best, _, high) = ranked.row(0), ranked.row(-1)
    return [
        f"Translations of {best} have the best chrF ({high:.1f}), of {worst} the worst ({low:.1f})."
    ]


def _quality(table: pl.DataFrame) -> list[str]:
    """Return how many rows are translated as in the reference, and how well half of them are."""
    correct, rows = int(table["correct"].sum()), table.height
    median = table.select(100 - pl.col("loss").median()).item()
    return [
        f"{correct:,} of {rows:,} translations ({correct / rows:.0%}) equal the reference.",
        f"Half of the translations have a chrF of {median:.1f} or more.",
    ]


def _group_scores(table: pl.DataFrame, group: pl.Expr | pl.Series) -> pl.DataFrame:
    """Return the rows of each group, and the chrF of their texts taken together."""
    score = get_metric("chrf").score
    parts = table.with_columns(group.alias("group")).sort("group")
    found = parts.partition_by("group", maintain_order=True)
    return pl.DataFrame(
        {
            "group": [str(part["group"][0]) for part in found],
            "rows": [part.height for part in found],
            "chrF": [score(p["prediction"].to_list(), p["target"].to_list()) for p in found],
        }
    )
