"""What the blend consists of."""

import polars as pl

from compete.portfolio.section import Section, metric_name
from compete.portfolio.supervised.state import SupervisedState


def ensemble_section(state: SupervisedState) -> Section:
    """Show the members with their scores and weights, beside the blend."""
    section = Section("ensemble", "Ensemble", half=True)
    if state.scores is None:
        section.nothing = "There are no predictions of any member yet."
        return section
    members = state.scores.members
    if len(members) == 1:
        section.nothing = "There is only one member, so there is no blend."
        return section
    folds = state.prepared.folds if state.prepared else 0
    rows = [
        {
            "member": name,
            "weight": member.weight,
            metric_name(state.metric): member.score,
            "folds": f"{len(member.trained)} of {folds}",
        }
        for name, member in members.items()
    ]
    section.text.append("The weights were fitted to out-of-fold predictions (Caruana, 2004).")
    section.text.append(
        "The blend's out-of-fold score is slightly optimistic, because its weights were fitted on "
        "the same rows; the more members, the more optimistic it is."
    )
    rows.append(
        {"member": "blend", "weight": None, metric_name(state.metric): state.scores.cv.score}
    )
    section.tables.append(("Members and blend", pl.DataFrame(rows)))
    return section
