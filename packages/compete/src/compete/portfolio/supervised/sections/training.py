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
        if table.is_empty():
            section.text.append(sentence("There are no learning curves of member {}.", member))
            continue
        for name in sorted(set(table["name"]), key=lambda n: ("loss" in n, n)):
            title = f"{name.replace('/', ' ')} of {member}"
            section.figures.append(charts.curves(table, name, title))
    return section
