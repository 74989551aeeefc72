"""Charts of scores (of folds, and of the ledger), and learning curves."""

from collections.abc import Sequence

import altair as alt
import polars as pl

from compete.charts.figure import BLUE, COLOURS, GREY, Figure
from compete.portfolio.charts import axis, lines
from compete.portfolio.section import count, metric_name
from compete.submission_records import LedgerEntry


def fold_scores(
    metric: str, folds: dict[int, float], score: float, interval: tuple[float, float] | None
) -> Figure:
    """Draw the folds' scores as points, the score of all rows as a line, its interval as a band.

    Args:
        metric: what they are by.
        folds: the score of each fold by its number.
        score: of all rows.
        interval: of that score, if it is known.
    """
    scores, name = list(folds.values()), metric_name(metric)
    table = pl.DataFrame({"fold": [f"fold {k}" for k in folds], "score": scores})
    points = (
        alt.Chart(table)
        .mark_point(filled=True, size=110, opacity=1, color=BLUE)
        .encode(
            x=alt.X(**axis("score", name, padding=12)),
            y=alt.Y("fold:N", title=None),
            tooltip=["fold", alt.Tooltip("score", format=".5f")],
        )
    )
    whole = alt.Chart(pl.DataFrame({"score": [score]}))
    drawn = whole.mark_rule(color=BLUE, size=2, strokeDash=[4, 3]).encode(x="score:Q") + points
    text = (
        f"The {name} of the folds is between {min(scores):.5f} and {max(scores):.5f}; the dashed "
        f"line is that of all rows together, {score:.5f}"
    )
    if interval:
        band = alt.Chart(pl.DataFrame([interval], schema=["low", "high"], orient="row"))
        drawn = band.mark_rect(color=BLUE, opacity=0.15).encode(x="low:Q", x2="high:Q") + drawn
        text += ", and the band its 95% bootstrap interval"
    return Figure("Score of each fold", f"{text}.", drawn, table, 70 + 26 * len(folds))


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


def curves(table: pl.DataFrame, what: str, member: str) -> Figure:
    """Draw what was logged over the epochs, a line for each fold, in training and in validation.

    If training rows were left out for early stopping, their loss has a line too, and each line a
    point where that loss is lowest: at the epoch that is kept.

    Args:
        table: `fold, epoch, name, value` of a member.
        what: the part of the names behind `train/`, `val/` and `oob/`, such as `loss`.
        member: its name.
    """
    kinds = {f"train/{what}": "training", f"val/{what}": "validation", f"oob/{what}": "left-out"}
    kept = table.filter(pl.col("name") == "oob/loss").sort("value", "epoch").group_by("fold")
    best = kept.first().select("fold", "epoch")
    table = (
        table.filter(pl.col("name").is_in(list(kinds)))
        .with_columns(pl.col("name").replace(kinds).alias("rows"))
        .select("fold", "epoch", "rows", "value")
    )
    epochs = table["epoch"].unique().sort().to_list()
    ticks = alt.Axis(values=epochs[:: 1 + len(epochs) // 8], format="d")
    colours = {"training": GREY, "validation": BLUE, "left-out": COLOURS[1]}
    shown = [rows for rows in colours if rows in table["rows"]]
    scale = alt.Scale(domain=shown, range=[colours[rows] for rows in shown])
    base = alt.Chart(table).encode(
        x=alt.X("epoch:Q", axis=ticks).scale(zero=False),
        y=alt.Y(**axis("value", metric_name(what)), axis=alt.Axis(tickCount=5)),
        color=alt.Color("rows:N", scale=scale, title=None),
        detail="fold:N",
        tooltip=["rows", "fold", "epoch", alt.Tooltip("value", format=".5f")],
    )
    drawn: alt.Chart | alt.LayerChart = base.mark_line(strokeWidth=1.5, opacity=0.8)
    ends, when = table.sort("epoch").group_by("fold", "rows").last(), "After the last epoch"
    if not best.is_empty():
        ends, when = table.join(best, ["fold", "epoch"]), "In the kept epochs (points)"
        drawn += base.mark_point(filled=True, size=40, opacity=1).properties(data=ends)
    spans = ends.group_by("rows").agg(
        pl.col("value").min().alias("low"), pl.col("value").max().alias("high")
    )
    parts = [f"{rows} {low:.4g} to {high:.4g}" for rows, low, high in spans.sort("rows").rows()]
    text = f"{when}: {'; '.join(parts)}."
    title = f"{metric_name(what)} of {member}"
    return Figure(title, text, drawn, table, 190, count(table["fold"].n_unique(), "fold"))
