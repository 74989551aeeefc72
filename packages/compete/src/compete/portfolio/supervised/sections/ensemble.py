"""What the blend consists of."""

import polars as pl

from compete.charts.predictions import bars
from compete.portfolio.section import Section
from compete.portfolio.supervised.state import SupervisedState


def ensemble_section(state: SupervisedState) -> Section:
    """Show the members with their scores and weights."""
    section = Section("ensemble", "Ensemble")
    if state.scores is None:
        section.text.append("There are no predictions of any member yet.")
        return section
    members = state.scores.members
    folds = state.prepared.folds if state.prepared else 0
    rows = [
        {
            "member": name,
            "weight": member.weight,
            state.contract.metric: member.score,
            "folds": f"{len(member.trained)} of {folds}",
        }
        for name, member in members.items()
    ]
    if len(rows) == 1:
        section.text.append("There is one member, so nothing is blended.")
    else:
        section.text.append("The weights were fitted to out-of-fold predictions (Caruana, 2004).")
        pairs = [(name, member.weight) for name, member in members.items()]
        text = "How much each member counts in the blend."
        section.figures.append(bars("Weights", text, pairs, "weight"))
    section.tables.append(("Members", pl.DataFrame(rows)))
    return section
