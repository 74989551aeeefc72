"""`compete report` of a project whose agent plays."""

from compete.portfolio.report import Report, write
from compete.portfolio.section import Section
from compete.portfolio.sections.cost import cost_section
from compete.portfolio.sections.experiments import experiments_section
from compete.portfolio.sections.reproduction import limitations_section, reproduction_section
from compete.portfolio.simulation import cards
from compete.portfolio.simulation.headline import headline
from compete.portfolio.simulation.sections.agent import (
    agent_section,
    cost_of,
    evaluation_section,
    training_section,
)
from compete.portfolio.simulation.sections.competition import (
    competition_section,
    submissions_section,
)
from compete.portfolio.simulation.sections.games import (
    ladder_section,
    mistakes_section,
    replay_section,
    times_section,
)
from compete.portfolio.simulation.state import SimulationState, load_state
from compete.submission_records import LedgerEntry


def report(ledger: list[LedgerEntry]) -> None:
    """Write everything that visitors see, from whatever is there.

    Args:
        ledger: the submissions, oldest first.

    Raises:
        Fault: there is no contract, or a file is broken.
    """
    state = load_state(ledger)
    strength = _strength(state)
    training = training_section(state)
    pictures = [figure for each in (*strength, training) for figure in each.figures]
    ladder = [figure for each in strength if each.key == "ladder" for figure in each.figures]
    write(
        Report(
            state=state,
            headline=headline(state, next(iter([*ladder, *pictures]), None)),
            sections=[
                *strength,
                training,
                agent_section(state),
                experiments_section(state),
                cost_section(state, cost_of(state)),
                limitations_section(state),
                competition_section(state),
                reproduction_section(state),
            ],
            results=cards.results(state),
            model=cards.model_facts(state),
            summary=cards.summary(state),
        )
    )


def _strength(state: SimulationState) -> list[Section]:
    """Return what tells how strong the agent is."""
    if not state.has_opponents:
        return [evaluation_section(state)]
    return [
        ladder_section(state),
        replay_section(state),
        mistakes_section(state),
        times_section(state),
        submissions_section(state),
    ]
