"""`compete report` of a project that makes images."""

import shutil
from pathlib import Path

from compete.files import REPORTS, atomic_path
from compete.generative_records import SHOWN
from compete.portfolio.generative import cards
from compete.portfolio.generative.sections.competition import (
    competition_section,
    submissions_section,
)
from compete.portfolio.generative.sections.images import (
    copies_section,
    distance_section,
    samples_section,
)
from compete.portfolio.generative.sections.training import cost_of, training_section
from compete.portfolio.generative.state import GenerativeState, load_state
from compete.portfolio.page import Tile
from compete.portfolio.report import Report, write
from compete.portfolio.section import number, sentence
from compete.portfolio.sections.cost import cost_section
from compete.portfolio.sections.experiments import experiments_section
from compete.portfolio.sections.reproduction import limitations_section, reproduction_section
from compete.records import LedgerEntry

_SAMPLES = REPORTS / "plots/samples.webp"


def report(ledger: list[LedgerEntry]) -> None:
    """Write everything that visitors see, from whatever is there.

    Args:
        ledger: the submissions, oldest first.

    Raises:
        Fault: there is no contract, or a file is broken.
    """
    state = load_state(ledger)
    distance, training = distance_section(state), training_section(state)
    write(
        Report(
            state=state,
            tiles=_tiles(state),
            sections=[
                competition_section(state),
                samples_section(state),
                submissions_section(state),
                distance,
                copies_section(state),
                training,
                experiments_section(state),
                cost_section(state, cost_of(state)),
                limitations_section(state),
                reproduction_section(state),
            ],
            results=cards.results(state),
            figures={"distance": distance.figures},
            pictures=_samples(state),
            model=cards.model_facts(state),
            summary=cards.summary(state),
        )
    )


def _samples(state: GenerativeState) -> dict[Path, str]:
    """Copy the samples of most variety, which the README shows; none where images are translated.

    A picture of translations holds images of the competition, which are not to be published.
    """
    names = list(state.shown.grids) if state.shown and not state.contract.translates else []
    if not names:
        _SAMPLES.unlink(missing_ok=True)
        return {}
    with atomic_path(_SAMPLES) as beside:
        shutil.copyfile(SHOWN / names[-1], beside)
    return {_SAMPLES: "Samples: the first images that the generator made."}


def _tiles(state: GenerativeState) -> list[Tile]:
    """Return the few numbers for a visitor who has one minute."""
    tiles: list[Tile] = []
    if entry := state.headline:
        tiles.append((f"public {state.leaderboard_metric}", number(entry.public or 0.0, ".2f")))
        if entry.rank:
            tiles.append(("rank", sentence("{} of {}", entry.rank, entry.teams)))
    if found := state.measurement:
        tiles.append((state.distance, number(found.fid, ".4g")))
        tiles.append(("copies", sentence("{} of {}", len(found.copies), f"{found.count:,}")))
    return tiles
