"""`compete report` of a project that makes images."""

import shutil

from compete.files import REPORTS, atomic_path
from compete.generative_records import SHOWN
from compete.portfolio.generative import cards
from compete.portfolio.generative.headline import headline
from compete.portfolio.generative.pictures import picture
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
from compete.portfolio.headline import Samples
from compete.portfolio.report import Report, write
from compete.portfolio.sections.cost import cost_section
from compete.portfolio.sections.experiments import experiments_section
from compete.portfolio.sections.reproduction import limitations_section, reproduction_section
from compete.submission_records import LedgerEntry

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
    pictures = [*distance.figures, *training.figures]
    write(
        Report(
            state=state,
            headline=headline(state, next(iter(pictures), None), _samples(state)),
            sections=[
                samples_section(state),
                distance,
                copies_section(state),
                training,
                submissions_section(state),
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


def _samples(state: GenerativeState) -> Samples | None:
    """Copy the samples of most variety, which are shown first; none where images are translated.

    A picture of translations holds images of the competition, which are not to be published.
    """
    names = list(state.shown.grids) if state.shown and not state.contract.translates else []
    if not names:
        _SAMPLES.unlink(missing_ok=True)
        return None
    with atomic_path(_SAMPLES) as beside:
        shutil.copyfile(SHOWN / names[-1], beside)
    text = "Samples: the first images that the generator made."
    return Samples(_SAMPLES, text, picture(names[-1], text))
