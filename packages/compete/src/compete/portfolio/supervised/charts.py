"""Charts of scores (of folds, and of the ledger), and learning curves."""

from collections.abc import Sequence

import altair as alt
import polars as pl

from compete.charts.figure import BLUE, ORANGE, Figure
from compete.portfolio.charts import axis, lines
from compete.portfolio.section import count
from compete.records import LedgerEntry


def fold_scores(metric: str, folds: dict[int, float], score: float) -> Figure:
    """Draw the folds' scores as points, and the score of all rows as a line."""
    scores = list(folds.values())
    table = pl.DataFrame({"fold": [f"fold {k}" for k in folds], metric: scores})
    points = (
        alt.Chart(table)
        .mark_point(filled=True, size=140, opacity=1)
        .encode(
            x=alt.X(**axis(metric, metric)),
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
        y=alt.Y(**axis("score", metric)),
        tooltip=["submission", "message", "kind", alt.Tooltip("score", format=".5f")],
    )
    drawn = lines(base, "kind", "score")
    text = f"The scores of {count(len(entries), 'submission')}, oldest first"
    if "cross-validation" not in table["kind"]:
        return Figure("Leaderboard", f"{text}.", drawn, table)
    text += "; where the lines diverge, cross-validation and leaderboard disagree."
    return Figure("Cross-validation and leaderboard", text, drawn, table)


def curves(table: pl.DataFrame, name: str, title: str) -> Figure:
    """Draw one logged value over the epochs, a line for each fold."""
    table = table.filter(pl.col("name") == name).select("fold", "epoch", "value")
    epochs = table["epoch"].unique().sort().to_list()
    ticks = alt.Axis(values=epochs[:: 1 + len(epochs) // 12], format="d")
    base = alt.Chart(table).encode(
        x=alt.X("epoch:Q", axis=ticks).scale(zero=False),
        y=alt.Y(**axis("value", title)),
        tooltip=["fold", "epoch", alt.Tooltip("value", format=".5f")],
    )
    drawn = lines(base, "fold", "fold")
    last = table.sort("epoch").group_by("fold").last()["value"].to_list()
    text = f"{title} in {count(len(last), 'fold')}; after the last epoch it is between "
    text += f"{min(last):.5f} and {max(last):.5f}."
    return Figure(f"{title} during training", text, drawn, table)
