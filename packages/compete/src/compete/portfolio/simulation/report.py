"""`compete report` of a project whose agent plays."""

from compete.portfolio.page import Tile
from compete.portfolio.report import Report, write
from compete.portfolio.section import Section, number, sentence
from compete.portfolio.sections.cost import cost_section
from compete.portfolio.sections.experiments import experiments_section
from compete.portfolio.sections.reproduction import limitations_section, reproduction_section
from compete.portfolio.simulation import cards
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
from compete.records import LedgerEntry


def report(ledger: list[LedgerEntry]) -> None:
    """Write everything that visitors see, from whatever is there.

    Args:
        ledger: the submissions, oldest first.

    Raises:
        Fault: there is no contract, or a file is broken.
    """
    state = load_state(ledger)
    training, strength = training_section(state), _strength(state)
    sections = [
        competition_section(state),
        *strength,
        agent_section(state),
        training,
        experiments_section(state),
        cost_section(state, cost_of(state)),
        limitations_section(state),
        reproduction_section(state),
    ]
    ladders = [figure for each in strength if each.key == "ladder" for figure in each.figures]
    write(
        Report(
            state=state,
            tiles=_tiles(state),
            sections=sections,
            results=cards.results(state),
            figures={"ladder": ladders, "training": training.figures},
            model=cards.model_facts(state),
            summary=cards.summary(state),
        )
    )


def _strength(state: SimulationState) -> list[Section]:
    """Return what tells how strong the agent is."""
    if not state.has_opponents:
        return [evaluation_section(state)]
    return [
        submissions_section(state),
        ladder_section(state),
        replay_section(state),
        mistakes_section(state),
        times_section(state),
    ]


def _tiles(state: SimulationState) -> list[Tile]:
    """Return the few numbers for a visitor who has one minute."""
    tiles = []
    if entry := state.headline:
        tiles.append(("Kaggle's rating", number(entry.public or 0.0, ".1f")))
        if entry.rank:
            tiles.append(("rank", sentence("{} of {}", entry.rank, entry.teams)))
    if judgement := state.judgement:
        tiles.append(("Elo on the ladder", number(judgement.standing.elo, ".0f")))
        if judgement.quality:
            kept = sentence("{} %", number(100 * judgement.quality.share, ".1f"))
            tiles.append(("moves that keep the value", kept))
    if state.evaluation:
        tiles.append(("mean return", number(state.evaluation.mean, ".1f")))
    return tiles
