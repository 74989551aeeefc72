"""Charts that every project has, and what its other charts of scores share."""

from typing import Any

import altair as alt
import numpy as np
import polars as pl

from compete.charts.figure import BLUE, GREY, Figure
from compete.portfolio.section import count, metric_name


def axis(name: str, title: str, **scale: Any) -> dict[str, Any]:
    """Return the arguments of an axis for numbers that need not begin at 0."""
    return {"field": name, "type": "quantitative", "title": title, "scale": {"zero": False} | scale}


def lines(base: alt.Chart, field: str, title: str) -> alt.LayerChart:
    """Return a line with its own kind of points for each value of `field`, in one legend."""
    stroke = alt.Stroke(field, type="nominal", legend=None)
    color = alt.Color(field, type="nominal", title=title)
    shape = alt.Shape(field, type="nominal", title=title)
    points = base.mark_point(size=60, strokeWidth=2, opacity=1).encode(color=color, shape=shape)
    drawn: alt.LayerChart = base.mark_line().encode(stroke=stroke) + points
    return drawn


def leaderboard(metric: str, scores: list[float], ours: float, form: str = ".5f") -> Figure:
    """Draw the distribution of the scores on the leaderboard, and where ours is.

    Args:
        metric: what they are by.
        scores: of all teams.
        ours: this project's.
        form: how a score is shown, as `format` takes it.
    """
    low, high = np.quantile(scores, [0.02, 0.98])
    span = (min(low, ours), max(high, ours))
    counts, edges = np.histogram(np.clip(scores, *span), bins=30, range=span)
    table = pl.DataFrame({"from": edges[:-1], "to": edges[1:], "teams": counts})
    bars = (
        alt.Chart(table)
        .mark_bar(color=GREY)
        .encode(
            x=alt.X(
                "from:Q", bin="binned", title=f"{metric_name(metric)} on the leaderboard"
            ).scale(zero=False),
            x2="to:Q",
            y=alt.Y("teams:Q", axis=alt.Axis(tickCount=min(5, counts.max()), format="d")),
            tooltip=["teams", *(alt.Tooltip(f"{end}:Q", format=form) for end in ("from", "to"))],
        )
    )
    line = alt.Chart(pl.DataFrame({"ours": [ours]})).mark_rule(color=BLUE, size=3)
    text = (
        f"The leaderboard has {count(len(scores), 'score')} from {min(scores):{form}} to "
        f"{max(scores):{form}}; the line marks this project, {ours:{form}}. The outermost bars "
        "include all more extreme scores."
    )
    return Figure(
        "The leaderboard",
        text,
        bars + line.encode(x="ours:Q"),
        table,
        rows=count(len(scores), "team"),
    )
