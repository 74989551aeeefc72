"""How training went, and what it cost."""

import polars as pl

from compete.portfolio import charts
from compete.portfolio.origins import describe, origins
from compete.portfolio.project_state import ProjectState
from compete.portfolio.section import Section, count, number, sentence

# Power under load: of a usual desktop processor, and of a usual data-centre GPU.
_WATTS = {"cpu": 65, "cuda": 300, "mps": 30}


def training_section(state: ProjectState) -> Section:
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


def cost_section(state: ProjectState) -> Section:
    """State time and hardware, and estimate the energy."""
    section = Section("cost", "Training cost")
    if not state.runs:
        section.text.append("Nothing is trained yet.")
        return section
    watts = {run.device: _WATTS.get(run.device, _WATTS["cpu"]) for run in state.runs}
    joules = sum(run.seconds * run.devices * watts[run.device] for run in state.runs)
    section.text += [
        sentence(
            "Training {} took {} minutes in total on {}.",
            count(len(state.runs), "fold"),
            number(state.seconds / 60, ".1f", "minutes"),
            ", ".join(sorted({run.hardware or run.device for run in state.runs})),
        ),
        sentence(
            "This is about {} Wh of energy, estimated from {}, not measured.",
            number(joules / 3600, ".1f"),
            ", ".join(f"{watts[device]} W per {device}" for device in sorted(watts)),
        ),
    ]
    return section
