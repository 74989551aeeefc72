"""Chooses the samples that the report shows with their inputs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from compete.contract import Contract
from compete.explanation import Explanation, Input
from compete.portfolio.section import Gallery
from compete.portfolio.supervised.state import SupervisedState
from compete.problems import Problem

Inputs = Callable[[Contract, Sequence[int]], Sequence[Input]]
_EACH = 6  # rows of a pick
_EXAMPLES = 12
_TARGETS = 8  # shown of an example
_CAPTION = 200  # characters


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


def gallery(pick: Pick, contract: Contract, inputs: Inputs) -> Gallery:
    """Return a pick with its rows' inputs, and captions that compare target and prediction."""
    shown = inputs(contract, pick.rows["row"].to_list())
    captions = map(_caption, pick.rows.rows(named=True))
    return Gallery(pick.title, pick.text, list(zip(captions, shown, strict=False)))


def _caption(row: dict[str, Any]) -> str:
    confidence = row["confidence"]
    sure = f" ({confidence:.1%} confident)" if confidence is not None else ""
    target, prediction = (str(row[key])[:_CAPTION] for key in ("target", "prediction"))
    return f"row {row['row']}: {target}, predicted {prediction}{sure}"


def examples(state: SupervisedState, inputs: Inputs) -> Gallery | None:
    """Return training samples of as many classes as there is room for, or all along the values."""
    if state.train is None:
        return None
    labels = pl.DataFrame(state.problem.label_columns(state.train)[:_TARGETS])
    row = pl.Series(range(labels.height))
    chosen = labels.to_series().is_first_distinct()
    rows = row.filter(chosen)[labels.to_series().filter(chosen).arg_sort()]
    rows = rows.gather_every(-(-len(rows) // _EXAMPLES))
    captions = [", ".join(map(str, values))[:_CAPTION] for values in labels[rows.to_list()].rows()]
    shown = inputs(state.contract, rows.to_list())
    items = list(zip(captions, shown, strict=False))
    return Gallery("Examples", "Training samples with their targets.", items) if items else None


def important_first(inputs: Inputs, explanations: Sequence[Explanation]) -> Inputs:
    """Return `inputs` with named values in the order of their importance in the explanations."""
    names = [name for explanation in explanations for name, _ in explanation.bars]

    def order(shown: Input) -> Input:
        if not isinstance(shown, dict):
            return shown
        return {name: shown[name] for name in (*names, *shown) if name in shown}

    return lambda contract, rows: [order(shown) for shown in inputs(contract, rows)]
