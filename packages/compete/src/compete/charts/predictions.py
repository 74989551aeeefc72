"""Charts of targets and predictions."""

import altair as alt
import numpy as np
import polars as pl
from numpy.typing import NDArray

from compete.charts.figure import BLUE, INK, ORANGE, Figure

MOST_CLASSES = 30
_BINS = 10
_MOST_BARS = 16
Floats = NDArray[np.float64]


def counts(column: str, values: pl.Series) -> Figure:
    """Draw the rows of each class (the most frequent ones), or the distribution of a value."""
    rows = f"{len(values):,} rows"
    many = values.dtype.is_numeric() and values.n_unique() > MOST_CLASSES
    if values.dtype.is_float() or many:
        found, edges = np.histogram(values.drop_nulls().to_numpy(), bins=30)
        table = pl.DataFrame({"from": edges[:-1], "to": edges[1:], "rows": found})
        x = alt.X("from:Q", bin="binned", title=column)
        chart = alt.Chart(table).mark_bar(color=BLUE).encode(x=x, x2="to:Q", y="rows:Q")
        text = f"The smallest value is {edges[0]:.6g}, the largest {edges[-1]:.6g}."
        return Figure(f"Distribution of {column}", text, chart, table, rows=rows)
    named = values.cast(pl.String).alias(column).value_counts(sort=True, name="rows")
    table = named.head(MOST_CLASSES)
    first, last = named.row(0), named.row(-1)
    chart = (
        alt.Chart(table)
        .mark_bar(color=BLUE)
        .encode(
            x=alt.X("rows:Q", title="rows", axis=alt.Axis(tickCount=5)),
            y=alt.Y(alt.FieldName(column), type="nominal", sort="-x", title=None),
            tooltip=[alt.Tooltip(alt.FieldName(column), type="nominal"), "rows:Q"],
        )
    )
    text = f"Classes: {named.height}. The most frequent is {first[0]} ({first[1]:,} of "
    text += f"{len(values):,} rows), the rarest {last[0]} ({last[1]:,})."
    height = 50 + max(18, 28 - len(table)) * len(table)
    return Figure(f"Rows of each {column}", text, chart, table, height, rows)


def confusion(names: list[str], counts: NDArray[np.int64]) -> Figure:
    """Draw which classes are predicted for which, as shares of the true class.

    Args:
        names: of the classes.
        counts: samples of class i that were predicted to be class j `(classes, classes)`.
    """
    shares = counts / counts.sum(axis=1, keepdims=True).clip(min=1)
    table = pl.DataFrame(
        [
            {
                "target": names[i],
                "prediction": names[j],
                "samples": int(counts[i, j]),
                "share": shares[i, j],
            }
            for i in range(len(names))
            for j in range(len(names))
        ]
    )
    base = alt.Chart(table).encode(
        x=alt.X(
            "prediction:N",
            sort=names,
            title="prediction",
            axis=alt.Axis(labelAngle=0 if len(names) <= 12 else -90, labelLimit=90),
        ),
        y=alt.Y("target:N", sort=names, title="target", axis=alt.Axis(labelLimit=110)),
        tooltip=["target", "prediction", "samples", alt.Tooltip("share", format=".2%")],
    )
    # Shades of two colours over the page's own background, so that it is read on light and dark.
    shade = alt.Scale(type="sqrt", domain=[0, 1], range=[0.04, 1])
    cells = base.mark_rect(cornerRadius=2, stroke=INK, strokeOpacity=0.08).encode(
        color=alt.condition("datum.target == datum.prediction", alt.value(BLUE), alt.value(ORANGE)),
        fillOpacity=alt.FillOpacity("share:Q", scale=shade, legend=None),
    )
    ink = alt.condition("datum.share > 0.6", alt.value("white"), alt.value(INK))
    written = base.mark_text(fontSize=12).encode(text="samples:Q", color=ink)
    seen = written.transform_filter("datum.samples > 0")
    chart = cells + seen if len(names) <= MOST_CLASSES / 2 else cells
    text = f"{counts.trace():,} of {counts.sum():,} predictions are correct (on the diagonal)."
    if worst := most_frequent_mistake(names, counts):
        text += f" {worst}"
    height = 60 + max(24, min(90, 320 // len(names))) * len(names)
    return Figure("Confusion matrix", text, chart, table, height, f"{counts.sum():,} rows")


def most_frequent_mistake(names: list[str], counts: NDArray[np.int64]) -> str:
    """Return which class is taken most often for which, in a sentence; empty without mistakes."""
    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    if not wrong.any():
        return ""
    i, j = np.unravel_index(wrong.argmax(), wrong.shape)
    of = f"{wrong[i, j]:,} of {wrong.sum():,}"
    return f"The most frequent mistake: {names[i]} predicted as {names[j]} ({of})."


def residuals(name: str, predictions: Floats, targets: Floats) -> Figure:
    """Draw predictions over targets, binned, with the line where both are the same."""
    x, y = targets, predictions
    found, across, up = np.histogram2d(x, y, bins=30)
    i, j = found.nonzero()
    edges = {"target": across[i], "to": across[i + 1], "predicted": up[j], "top": up[j + 1]}
    table = pl.DataFrame(edges | {"samples": found[i, j].astype(int)})
    shade = alt.Scale(type="symlog", range=[0.12, 1])
    cells = (
        alt.Chart(table)
        .mark_rect(color=BLUE)
        .encode(
            x=alt.X("target:Q", bin="binned", title="target"),
            x2="to:Q",
            y=alt.Y("predicted:Q", bin="binned", title="prediction"),
            y2="top:Q",
            fillOpacity=alt.FillOpacity("samples:Q", scale=shade, legend=None),
            tooltip=["target", "predicted", "samples"],
        )
    )
    ends = pl.DataFrame({"at": [min(x.min(), y.min()), max(x.max(), y.max())]})
    line = alt.Chart(ends).mark_line(color=ORANGE).encode(x="at:Q", y="at:Q")
    error = y - x
    text = f"The errors have a mean of {error.mean():.5g} and a standard deviation of "
    text += f"{error.std():.5g}. On the line, the prediction equals the target."
    return Figure(f"Predictions of {name}", text, cells + line, table, 320, f"{len(x):,} rows")


def calibration(confidence: Floats, correct: NDArray[np.bool_]) -> Figure:
    """Draw how often predictions of a certain confidence are correct (Guo et al., 2017).

    Args:
        confidence: of each prediction, as the model has it.
        correct: whether each prediction is.
    """
    from sklearn.calibration import calibration_curve

    confidence = confidence.clip(0, 1)  # a weighted mean may be beyond by a rounding error
    accuracy, mean = calibration_curve(correct, confidence, n_bins=_BINS)
    edges = np.linspace(0, 1, _BINS + 1)[1:-1]  # as calibration_curve cuts them
    samples = np.bincount(np.searchsorted(edges, confidence), minlength=_BINS)
    table = pl.DataFrame(
        {"confidence": mean, "accuracy": accuracy, "samples": samples[samples > 0]}
    )
    error = float(np.average(np.abs(mean - accuracy), weights=table["samples"]))
    shown = alt.Chart(table).encode(
        x=alt.X("confidence:Q", title="confidence", axis=alt.Axis(format="%")).scale(domain=[0, 1]),
        y=alt.Y("accuracy:Q", title="accuracy", axis=alt.Axis(format="%")).scale(domain=[0, 1]),
        tooltip=["samples", *(alt.Tooltip(n, format=".4f") for n in ("confidence", "accuracy"))],
    )
    line = shown.mark_line(color=BLUE)
    points = shown.mark_point(filled=True, color=BLUE, opacity=1).encode(
        size=alt.Size("samples:Q", scale=alt.Scale(range=[30, 300]), legend=None)
    )
    ideal = alt.Chart(pl.DataFrame({"at": [0, 1]})).mark_line(color=INK, strokeDash=[4, 4])
    text = f"The expected calibration error is {error:.4f}. On the dashed line, predictions with a "
    text += "confidence of 80% are correct 80% of the time. Larger points have more predictions."
    drawn = ideal.encode(x="at:Q", y="at:Q") + line + points
    return Figure("Calibration", text, drawn, table, 300, f"{len(correct):,} predictions")


def bars(title: str, text: str, pairs: list[tuple[str, float]], what: str) -> Figure:
    """Draw names with a number each, the longest bar first; names whose number is 0 have no bar."""
    table = pl.DataFrame(pairs, schema={"name": pl.String, what: pl.Float64}, orient="row")
    shown = table.filter(pl.col(what) != 0).head(_MOST_BARS)
    chart = (
        alt.Chart(shown)
        .mark_bar(color=BLUE)
        .encode(
            x=alt.X(alt.FieldName(what), type="quantitative", title=what),
            y=alt.Y("name:N", sort="-x", title=None),
            tooltip=["name:N", alt.Tooltip(alt.FieldName(what), type="quantitative", format=".5f")],
        )
    )
    if shown.is_empty():
        text += " All are 0."
    elif shown.height < len(pairs):
        text += f" The first {shown.height} of {len(pairs)} are shown."
        text += "" if shown.height == _MOST_BARS else " The others are 0."
    return Figure(title, text, chart, table, 60 + 20 * shown.height)
