"""Charts of scores (of folds, the leaderboard and the ledger), and learning curves."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import polars as pl

from compete.charts.figure import BLUE, ORANGE, Figure
from compete.portfolio.section import count
from compete.records import LedgerEntry


def _axis(name: str, title: str, **scale: Any) -> dict[str, Any]:
    return {"field": name, "type": "quantitative", "title": title, "scale": {"zero": False} | scale}


def _lines(base: alt.Chart, field: str, title: str) -> alt.LayerChart:
    """Return a line with its own kind of points for each value of `field`, in one legend."""
    stroke = alt.Stroke(field, type="nominal", legend=None)
    color = alt.Color(field, type="nominal", title=title)
    shape = alt.Shape(field, type="nominal", title=title)
    points = base.mark_point(size=60, strokeWidth=2, opacity=1).encode(color=color, shape=shape)
    lines: alt.LayerChart = base.mark_line().encode(stroke=stroke) + points
    return lines


def fold_scores(metric: str, folds: dict[int, float], score: float) -> Figure:
    """Draw the folds' scores as points, and the score of all rows as a line."""
    scores = list(folds.values())
    table = pl.DataFrame({"fold": [f"fold {k}" for k in folds], metric: scores})
    points = (
        alt.Chart(table)
        .mark_point(filled=True, size=140, opacity=1)
        .encode(
            x=alt.X(**_axis(metric, metric)),
            y=alt.Y("fold:N", title=None),
            color=alt.value(BLUE),
            tooltip=["fold", alt.Tooltip(metric, format=".5f")],
        )
    )
    line = alt.Chart(pl.DataFrame({metric: [score]})).mark_rule(color=ORANGE, size=2)
    text = (
        f"The {metric} of the folds is between {min(scores):.5f} and {max(scores):.5f}; the line "
        f"is the {metric} of all rows together, {score:.5f}."
    )
    return Figure(f"{metric} of each fold", text, points + line.encode(x=f"{metric}:Q"), table)


def leaderboard(metric: str, scores: list[float], ours: float) -> Figure:
    """Draw the distribution of the scores on the leaderboard, and where ours is."""
    low, high = np.quantile(scores, [0.02, 0.98])
    span = (min(low, ours), max(high, ours))
    counts, edges = np.histogram(np.clip(scores, *span), bins=30, range=span)
    table = pl.DataFrame({"from": edges[:-1], "to": edges[1:], "teams": counts})
    bars = (
        alt.Chart(table)
        .mark_bar(color=BLUE)
        .encode(
            x=alt.X("from:Q", bin="binned", title=f"{metric} on the leaderboard").scale(zero=False),
            x2="to:Q",
            y=alt.Y("teams:Q", axis=alt.Axis(tickCount=min(5, counts.max()), format="d")),
            tooltip=["teams", *(alt.Tooltip(f"{end}:Q", format=".5f") for end in ("from", "to"))],
        )
    )
    line = alt.Chart(pl.DataFrame({"ours": [ours]})).mark_rule(color=ORANGE, size=3)
    text = (
        f"The leaderboard has {count(len(scores), 'score')} from {min(scores):.5f} to "
        f"{max(scores):.5f}; the line is this project's, {ours:.5f}. The outermost bars include "
        "all scores beyond them."
    )
    return Figure("The leaderboard", text, bars + line.encode(x="ours:Q"), table)


def ledger(metric: str, entries: Sequence[LedgerEntry]) -> Figure:
    """Draw cross-validation, public and private score of every submission, oldest first.

    Cross-validation by another metric than the leaderboard's is left out.
    """
    kinds = {"cv": "cross-validation", "public": "public", "private": "private"}
    rows = [
        {"submission": number, "kind": kinds[key], "score": score, "message": entry.message}
        for number, entry in enumerate(entries, start=1)
        for key in kinds
        if (score := getattr(entry, key)) is not None and not (key == "cv" and entry.mismatch)
    ]
    table = pl.DataFrame(rows)
    base = alt.Chart(table).encode(
        x=alt.X("submission:O", title="submission", axis=alt.Axis(labelAngle=0)),
        y=alt.Y(**_axis("score", metric)),
        tooltip=["submission", "message", "kind", alt.Tooltip("score", format=".5f")],
    )
    lines = _lines(base, "kind", "score")
    text = f"The scores of {count(len(entries), 'submission')}, oldest first"
    if "cross-validation" not in table["kind"]:
        return Figure("Leaderboard", f"{text}.", lines, table)
    text += "; where the lines diverge, cross-validation and leaderboard disagree."
    return Figure("Cross-validation and leaderboard", text, lines, table)


def curves(table: pl.DataFrame, name: str, title: str) -> Figure:
    """Draw one logged value over the epochs, a line for each fold."""
    table = table.filter(pl.col("name") == name).select("fold", "epoch", "value")
    epochs = table["epoch"].unique().sort().to_list()
    ticks = alt.Axis(values=epochs[:: 1 + len(epochs) // 12], format="d")
    base = alt.Chart(table).encode(
        x=alt.X("epoch:Q", axis=ticks).scale(zero=False),
        y=alt.Y(**_axis("value", title)),
        tooltip=["fold", "epoch", alt.Tooltip("value", format=".5f")],
    )
    lines = _lines(base, "fold", "fold")
    last = table.sort("epoch").group_by("fold").last()["value"].to_list()
    text = f"{title} in {count(len(last), 'fold')}; after the last epoch it is between "
    text += f"{min(last):.5f} and {max(last):.5f}."
    return Figure(f"{title} during training", text, lines, table)
