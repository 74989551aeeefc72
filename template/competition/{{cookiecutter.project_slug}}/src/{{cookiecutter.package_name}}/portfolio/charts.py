"""The charts of the report that do not depend on the task."""

from typing import Any

import altair as alt
import numpy as np
import polars as pl

from ..competition import Contract
from . import judge
from .figure import BLUE, INK, ORANGE, Figure

MOST_CLASSES = 30


def _axis(name: str, title: str, **scale: Any) -> dict[str, Any]:
    return {"field": name, "type": "quantitative", "title": title, "scale": {"zero": False} | scale}


def _lines(base: alt.Chart, field: str, title: str) -> alt.LayerChart:
    """A line and its own kind of points for each value of `field`, in one legend."""
    stroke = alt.Stroke(field, type="nominal", legend=None)
    color = alt.Color(field, type="nominal", title=title)
    shape = alt.Shape(field, type="nominal", title=title)
    points = base.mark_point(size=60, strokeWidth=2, opacity=1).encode(color=color, shape=shape)
    lines: alt.LayerChart = base.mark_line().encode(stroke=stroke) + points
    return lines


def fold_scores(metric: str, folds: dict[int, float], score: float) -> Figure:
    """The folds' scores as points, and the score of all rows as a line."""
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
        f"The folds' {metric} lies between {min(scores):.5f} and {max(scores):.5f}; the line is "
        f"all rows together, {score:.5f}."
    )
    return Figure(f"{metric} of each fold", text, points + line.encode(x=f"{metric}:Q"), table)


def leaderboard(metric: str, scores: list[float], ours: float) -> Figure:
    """How the scores on the leaderboard are spread, and where ours lies."""
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
        f"{len(scores)} scores from {min(scores):.5f} to {max(scores):.5f}; the line is this "
        f"project's, {ours:.5f}. The outermost bars take in what lies beyond them."
    )
    return Figure("The leaderboard", text, bars + line.encode(x="ours:Q"), table)


def ledger(metric: str, entries: list[dict[str, Any]]) -> Figure:
    """Cross-validation, public and private score of every submission in turn."""
    kinds = {"cv": "cross-validation", "public": "public", "private": "private"}
    rows = [
        {"submission": number, "kind": kinds[key], "score": entry[key], "message": entry["message"]}
        for number, entry in enumerate(entries, start=1)
        for key in kinds
        if entry[key] is not None
    ]
    table = pl.DataFrame(rows)
    base = alt.Chart(table).encode(
        x=alt.X("submission:O", title="submission", axis=alt.Axis(labelAngle=0)),
        y=alt.Y(**_axis("score", metric)),
        tooltip=["submission", "message", "kind", alt.Tooltip("score", format=".5f")],
    )
    lines = _lines(base, "kind", "score")
    text = f"The scores of {len(entries)} submissions in the order of time; where the lines part, "
    text += "cross-validation and leaderboard disagree."
    return Figure("Cross-validation and leaderboard", text, lines, table)


def counts(column: str, values: pl.Series) -> Figure:
    """Rows of each class (the most frequent ones), or the distribution of a value."""
    many = values.dtype.is_numeric() and values.n_unique() > MOST_CLASSES
    if values.dtype.is_float() or many:
        found, edges = np.histogram(values.drop_nulls().to_numpy(), bins=30)
        table = pl.DataFrame({"from": edges[:-1], "to": edges[1:], "rows": found})
        x = alt.X("from:Q", bin="binned", title=column)
        chart = alt.Chart(table).mark_bar(color=BLUE).encode(x=x, x2="to:Q", y="rows:Q")
        text = f"{column} runs from {edges[0]:.6g} to {edges[-1]:.6g}."
        return Figure(f"How {column} is spread", text, chart, table)
    named = values.cast(pl.String).alias(column).value_counts(sort=True, name="rows")
    table = named.head(MOST_CLASSES)
    first, last = named.row(0), named.row(-1)
    chart = (
        alt.Chart(table)
        .mark_bar(color=BLUE)
        .encode(
            x=alt.X("rows:Q", title="rows"),
            y=alt.Y(alt.FieldName(column), type="nominal", sort="-x", title=None),
            tooltip=[alt.Tooltip(alt.FieldName(column), type="nominal"), "rows:Q"],
        )
    )
    text = f"{named.height} classes, from {first[0]} with {first[1]} rows to {last[0]} with "
    text += f"{last[1]}."
    return Figure(f"Rows of each {column}", text, chart, table, 60 + 18 * len(table))


def curves(table: pl.DataFrame, name: str, title: str) -> Figure:
    """One logged value over the epochs, a line for each fold."""
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
    text = f"{title} of {table['fold'].n_unique()} folds; after the last epoch between "
    text += f"{min(last):.5f} and {max(last):.5f}."
    return Figure(f"{title} while training", text, lines, table)


def confusion(contract: Contract, oof: pl.DataFrame) -> Figure:
    """Which classes are taken for which, in parts of the true class."""
    names = [str(name) for name in contract.classes]
    found = judge.confusion(contract, *judge.matrices(oof))
    shares = found / found.sum(axis=1, keepdims=True).clip(min=1)
    table = pl.DataFrame(
        [
            {"truth": names[i], "answer": names[j], "rows": int(found[i, j]), "part": shares[i, j]}
            for i in range(len(names))
            for j in range(len(names))
        ]
    )
    base = alt.Chart(table).encode(
        x=alt.X("answer:N", sort=names, title="answer", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("truth:N", sort=names, title="truth"),
        tooltip=["truth", "answer", "rows", alt.Tooltip("part", format=".2%")],
    )
    cells = base.mark_rect().encode(
        color=alt.Color("part:Q", scale={"scheme": "cividis", "type": "sqrt"}, legend=None)
    )
    ink = alt.condition("datum.part > 0.3", alt.value("black"), alt.value("white"))
    written = base.mark_text(fontSize=12).encode(text="rows:Q", color=ink)
    wrong = found.copy()
    np.fill_diagonal(wrong, 0)
    i, j = np.unravel_index(wrong.argmax(), wrong.shape)
    text = f"{int(found.trace())} of {int(found.sum())} rows lie on the diagonal and are right. "
    text += f"Most often {names[i]} is taken for {names[j]}, {wrong[i, j]} times."
    chart = cells + written if len(names) <= MOST_CLASSES / 2 else cells
    return Figure("Confusion matrix", text, chart, table, 80 + 30 * len(names))


def residuals(contract: Contract, oof: pl.DataFrame, target: int) -> Figure:
    """Predictions over truth, binned, with the line where both are the same."""
    outputs, truth = judge.matrices(oof)
    x, y = truth[:, target], outputs[:, target]
    found, across, up = np.histogram2d(x, y, bins=30)
    i, j = found.nonzero()
    edges = {"truth": across[i], "to": across[i + 1], "predicted": up[j], "top": up[j + 1]}
    table = pl.DataFrame(edges | {"rows": found[i, j].astype(int)})
    cells = (
        alt.Chart(table)
        .mark_rect()
        .encode(
            x=alt.X("truth:Q", bin="binned", title="truth"),
            x2="to:Q",
            y=alt.Y("predicted:Q", bin="binned", title="prediction"),
            y2="top:Q",
            color=alt.Color("rows:Q", scale={"scheme": "cividis", "type": "symlog"}),
            tooltip=["truth", "predicted", "rows"],
        )
    )
    ends = pl.DataFrame({"at": [min(x.min(), y.min()), max(x.max(), y.max())]})
    line = alt.Chart(ends).mark_line(color=ORANGE).encode(x="at:Q", y="at:Q")
    error = y - x
    text = f"The error has a mean of {error.mean():.5g} and a spread of {error.std():.5g}; on the "
    text += "line, prediction and truth are the same."
    return Figure(f"Predictions of {contract.target_columns[target]}", text, cells + line, table)


def calibration(contract: Contract, oof: pl.DataFrame) -> Figure:
    """How often answers of a certain confidence are right."""
    table = judge.reliability(contract, oof)
    shown = alt.Chart(table).encode(
        x=alt.X("confidence:Q", title="confidence").scale(domain=[0, 1]),
        y=alt.Y("accuracy:Q", title="part that is right").scale(domain=[0, 1]),
        tooltip=["rows", *(alt.Tooltip(n, format=".4f") for n in ("confidence", "accuracy"))],
    )
    line = shown.mark_line(color=BLUE, point={"filled": True, "size": 90, "color": BLUE})
    ideal = alt.Chart(pl.DataFrame({"at": [0, 1]})).mark_line(color=INK, strokeDash=[4, 4])
    error = judge.calibration_error(table)
    text = f"The expected calibration error is {error:.4f}; on the dashed line, answers given with "
    text += "80 % confidence are right 80 % of the time."
    return Figure("Calibration", text, line + ideal.encode(x="at:Q", y="at:Q"), table)


def bars(title: str, text: str, pairs: list[tuple[str, float]], what: str) -> Figure:
    """Names with a number each, the longest bar first."""
    table = pl.DataFrame(pairs, schema={"name": pl.String, what: pl.Float64}, orient="row")
    chart = (
        alt.Chart(table.head(MOST_CLASSES))
        .mark_bar(color=BLUE)
        .encode(
            x=alt.X(alt.FieldName(what), type="quantitative", title=what),
            y=alt.Y("name:N", sort="-x", title=None),
            tooltip=["name:N", alt.Tooltip(alt.FieldName(what), type="quantitative", format=".5f")],
        )
    )
    return Figure(title, text, chart, table, 60 + 22 * min(len(pairs), MOST_CLASSES))
