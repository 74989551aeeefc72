"""A chart by Vega-Altair in the page's colours, with its data and a text alternative."""

from dataclasses import dataclass
from typing import Any

import altair as alt
import polars as pl

# Okabe and Ito, Color Universal Design, 2008: distinguishable with every kind of colour vision.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#999999"]
BLUE, ORANGE = COLOURS[:2]  # what is right, or this project's; what is wrong
GREY = "#8C959F"  # what others reached: seen on light and on dark
INK = "currentColor"  # the page's own: dark on light, light on dark, black in print

alt.data_transformers.disable_max_rows()


@dataclass(frozen=True)
class Figure:
    """A chart for the page.

    Args:
        title: its caption.
        text: what it shows, in a sentence: its text alternative.
        chart: the chart itself.
        table: the numbers that it draws.
        height: in pixels.
        rows: what is behind it, such as `1,198 rows`.
    """

    title: str
    text: str
    chart: alt.Chart | alt.LayerChart
    table: pl.DataFrame
    height: int = 260
    rows: str = ""

    def spec(self, **size: Any) -> dict[str, Any]:
        """Return the chart in Vega-Lite, in the page's colours, by default as wide as its place."""
        whole = {"width": "container", "height": self.height, "background": "transparent"} | size
        made = self.chart.properties(**whole)
        made = made.properties(autosize=alt.AutoSizeParams(type="fit-x", contains="padding"))
        made = made.configure(aria=False, font="system-ui, sans-serif")
        made = made.configure_view(stroke=None)
        made = made.configure_axis(
            labelColor=INK,
            titleColor=INK,
            domainColor=INK,
            tickColor=INK,
            gridColor=INK,
            domainOpacity=0.4,
            tickOpacity=0.4,
            gridOpacity=0.1,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            labelLimit=160,
        )
        made = made.configure_legend(
            labelColor=INK, titleColor=INK, labelFontSize=12, orient="bottom", columns=4, title=None
        )
        made = made.configure_range(category=COLOURS)
        spec: dict[str, Any] = made.to_dict()
        return spec
