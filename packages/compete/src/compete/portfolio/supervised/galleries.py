"""Chooses the samples that the report shows with their inputs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from compete.contract import Contract
from compete.explanation import Explanation, Input
from compete.portfolio.section import Sample, Samples
from compete.problems import Problem

Inputs = Callable[[Contract, Sequence[int]], Sequence[Input]]
_EACH = 6  # rows of a pick
_EXAMPLES = 10
_TARGETS = 8  # of an example
_CAPTION = 200  # characters
_COLUMNS = 5  # of a row


@dataclass(frozen=True)
class Pick:
    """Rows that belong together.

    Args:
        title: what they are.
        text: how they were chosen.
        rows: some of the rows that `Problem.analyse` returns.
    """

    title: str
    text: str
    rows: pl.DataFrame


def pick_rows(problem: Problem, oof: pl.DataFrame) -> list[Pick]:
    """Return the best, the worst and the most unusual predictions; no row is in two of them."""
    analysis = problem.analyse(oof)
    has_confidence = analysis["confidence"].null_count() < analysis.height
    correct = pl.col("correct") if has_confidence else pl.lit(True)
    by_loss = analysis.sort("loss", "row")
    best = by_loss.filter(correct).unique("target", keep="first", maintain_order=True).head(_EACH)
    rest = analysis.join(best, on="row", how="anti")
    wrong = ~pl.col("correct") if has_confidence else pl.lit(True)
    worst = rest.filter(wrong).sort("loss", "row", descending=[True, False]).head(_EACH)
    rest = rest.join(worst, on="row", how="anti").filter(pl.col("surprise") > 0)
    unusual = rest.sort("surprise", "row", descending=[True, False]).head(_EACH)
    return [
        Pick("Best predictions", "Those with the lowest loss, one for each target.", best),
        Pick("Most confident mistakes", "Wrong predictions with the highest loss.", worst)
        if has_confidence
        else Pick("Largest errors", "Predictions with the highest loss.", worst),
        Pick("Unusual mistakes", problem.unusual, unusual),
    ]


class Shown:
    """Shows rows by their inputs, of a table only by the few columns that count most.

    A competition's rows may not be published, so no report shows a whole one of many columns.

    Args:
        contract: of the competition.
        inputs: returns the inputs of training rows, in a form that can be shown.
        explanations: of the predictions, which tell what counts.
    """

    def __init__(
        self, contract: Contract, inputs: Inputs, explanations: Sequence[Explanation]
    ) -> None:
        self._contract, self._inputs = contract, inputs
        self._important = [name for each in explanations for name, _ in each.bars]

    def predictions(self, pick: Pick) -> Samples:
        """Return a pick's rows with what the model read, its prediction and what is right."""
        return self._samples(pick.title, pick.text, pick.rows.rows(named=True))

    def examples(self, problem: Problem, train: pl.DataFrame) -> Samples:
        """Return rows of as many classes as there is room for, or all along the values."""
        labels = pl.DataFrame(problem.label_columns(train)[:_TARGETS])
        row = pl.Series(range(labels.height))
        chosen = labels.to_series().is_first_distinct()
        rows = row.filter(chosen)[labels.to_series().filter(chosen).arg_sort()]
        few = rows.gather_every(-(-len(rows) // _EXAMPLES)).to_list()
        targets = [", ".join(map(str, values)) for values in labels[few].rows()]
        found = [{"row": i, "target": target} for i, target in zip(few, targets, strict=True)]
        return self._samples("Examples", "Training rows with their targets.", found)

    def _samples(self, title: str, text: str, rows: Sequence[dict[str, Any]]) -> Samples:
        shown = self._inputs(self._contract, [row["row"] for row in rows])
        few = [self._few(one) for one in shown]
        left_out = max(
            (len(one) - len(kept) for one, kept in zip(shown, few, strict=True)), default=0
        )
        samples = [_sample(row, one) for row, one in zip(rows, few, strict=False)]
        return Samples(title, text, samples, left_out)

    def _few(self, shown: Input) -> Input:
        if not isinstance(shown, dict):
            return shown
        ordered = dict.fromkeys((*self._important, *shown))
        names = [name for name in ordered if name in shown and name != self._contract.id_column]
        return {name: shown[name] for name in names[:_COLUMNS]}


def _sample(row: dict[str, Any], shown: Input) -> Sample:
    target, prediction = (_short(str(row.get(key, ""))) for key in ("target", "prediction"))
    confidence, correct = row.get("confidence"), row.get("correct")
    if confidence is None and not correct:
        correct = None  # a value or a text is near or far, not wrong
    return Sample(row["row"], target, prediction, correct, confidence, shown)


def _short(text: str) -> str:
    return text if len(text) <= _CAPTION else f"{text[:_CAPTION]}…"
