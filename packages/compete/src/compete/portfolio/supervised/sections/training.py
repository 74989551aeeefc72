"""How training went."""

import polars as pl

from compete.portfolio.section import Section, sentence
from compete.portfolio.supervised import charts
from compete.portfolio.supervised.origins import describe, origins
from compete.portfolio.supervised.state import SupervisedState


def training_section(state: SupervisedState) -> Section:
    """State the weights that training began with, and draw the learning curves of every fold."""
    section = Section("training", "Training")
    began = origins(state.runs)
    for member in state.members:
        for weights in began.get(member, ()):
            section.text.append(sentence("Member {}: {}", member, describe(weights)))
        table = state.curves.filter(pl.col("member") == member)
        names = table.filter(pl.col("epoch").n_unique().over("name") > 1)["name"].unique()
        if names.is_empty():
            why = "is not trained yet" if table.is_empty() else "is not trained in epochs"
            text = sentence("Member {} {}, so it has no learning curve.", member, why)
            section.text.append(text)
        for what in sorted(
            {name.partition("/")[2] for name in names}, key=lambda n: (n == "loss", n)
        ):
            section.figures.append(charts.curves(table, what, member))
    if not section.figures:
        section.nothing = " ".join(section.text) or "Nothing is trained yet."
    return section
