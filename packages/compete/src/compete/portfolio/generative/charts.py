"""The distance, the losses, and how augmentation was steered, over the images that were seen."""

import altair as alt
import polars as pl

from compete.charts.figure import Figure
from compete.generative_records import DistanceCurve
from compete.portfolio.charts import axis, lines

_SEEN = "thousands of images seen"


def distance_curve(curve: DistanceCurve, name: str) -> Figure | None:
    """Draw the distance of each member at its snapshots; None where nothing was measured.

    Args:
        curve: what was measured.
        name: of the distance.
    """
    rows = [
        {"member": member, "kimg": kimg, name: value}
        for member in curve.members
        for kimg, value in curve.points(member)
    ]
    if not rows:
        return None
    table = pl.DataFrame(rows)
    told = []
    for member in curve.members:
        points = curve.points(member)
        (first, before), (last, after) = points[0], points[-1]
        told.append(
            f"{member} from {before:.4g} after {first:g} to {after:.4g} after {last:g} "
            "thousand images"
        )
    return Figure(
        f"{name} during training",
        f"Lower is better; each point uses {curve.images:,} images: {', '.join(told)}.",
        _curves(table, "member", name, name),
        table,
    )


def control(member: str, progress: pl.DataFrame) -> Figure:
    """Draw the probability of augmentation and the sign statistic that steers it.

    Args:
        member: whose training it is.
        progress: its `metrics.csv`.
    """
    names = {"p": "augmentation probability", "sign": "mean sign on real images"}
    table = _long(progress, names)
    last = progress.row(-1, named=True)
    text = (
        "The mean sign of the discriminator's output on real images approaches 1 as it overfits; "
        "the augmentation probability then rises. At the end the probability is "
        f"{last['p']:.2f}, the mean sign {last['sign']:.2f}."
    )
    drawn = _curves(table, "value of", "value", "probability, mean sign")
    return Figure(f"Augmentation of {member}", text, drawn, table)


def losses(member: str, progress: pl.DataFrame) -> Figure:
    """Draw the losses of both networks.

    Args:
        member: whose training it is.
        progress: its `metrics.csv`.
    """
    table = _long(progress, {"loss_g": "generator", "loss_d": "discriminator"})
    last = progress.row(-1, named=True)
    text = (
        "The losses show whether the two networks are in balance, not how good the images are. "
        f"At the end: generator {last['loss_g']:.3f}, discriminator {last['loss_d']:.3f}."
    )
    drawn = _curves(table, "value of", "value", "loss")
    return Figure(f"Losses of {member}", text, drawn, table)


def _long(progress: pl.DataFrame, names: dict[str, str]) -> pl.DataFrame:
    """Return a row for each value of some columns, which get the names given."""
    return (
        progress.select("kimg", *names)
        .rename(names)
        .unpivot(index="kimg", variable_name="value of", value_name="value")
    )


def _curves(table: pl.DataFrame, kind: str, value: str, title: str) -> alt.LayerChart:
    field = value.replace(".", "\\.")  # else Vega looks for a field inside a field
    base = alt.Chart(table).encode(
        x=alt.X("kimg:Q", title=_SEEN, axis=alt.Axis(tickCount=6)),
        y=alt.Y(**axis(field, title)),
        tooltip=[kind, "kimg", alt.Tooltip(field, type="quantitative", format=".4g")],
    )
    return lines(base, kind, kind)
