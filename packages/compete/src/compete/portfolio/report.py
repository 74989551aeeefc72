"""`compete report`: one page about the whole project, and the cards made from the same facts."""

from collections.abc import Callable, Sequence

from compete.contract import Contract
from compete.explanation import Explanation
from compete.files import note
from compete.portfolio import citation, model_card, page, readme, summary
from compete.portfolio.galleries import Inputs, examples, gallery, important_first, pick_rows
from compete.portfolio.project_state import load_state
from compete.portfolio.sections.competition import competition_section
from compete.portfolio.sections.data import data_section
from compete.portfolio.sections.ensemble import ensemble_section, experiments_section
from compete.portfolio.sections.errors import errors_section, predictions_section
from compete.portfolio.sections.explanations import explanations_section
from compete.portfolio.sections.reproduction import limitations_section, reproduction_section
from compete.portfolio.sections.score import leaderboard_section, validation_section
from compete.portfolio.sections.training import cost_section, training_section
from compete.records import LedgerEntry

Explain = Callable[[Contract, Sequence[int]], Sequence[Explanation]]
_EXPLAINED = 2  # rows of each pick


def report(ledger: list[LedgerEntry], inputs: Inputs, explain: Explain) -> None:
    """Write everything that visitors see, from whatever is there.

    Args:
        ledger: the submissions, oldest first.
        inputs: returns the inputs of training rows, in a form that can be shown.
        explain: returns the task's explanations of the predictions for training rows.

    Raises:
        Fault: there is no contract, or a file is broken.
    """
    state = load_state(ledger)
    picks = pick_rows(state.problem, state.oof) if state.oof is not None else []
    rows = [row for pick in picks for row in pick.rows["row"].head(_EXPLAINED)]
    explanations = explain(state.contract, rows) if rows else []
    inputs = important_first(inputs, explanations)
    standing, validation = leaderboard_section(state), validation_section(state)
    errors = errors_section(state)
    sections = [
        competition_section(state),
        standing,
        validation,
        data_section(state, examples(state, inputs)),
        training_section(state),
        errors,
        predictions_section([gallery(pick, state.contract, inputs) for pick in picks]),
        explanations_section(explanations),
        ensemble_section(state),
        experiments_section(state),
        cost_section(state),
        limitations_section(state),
        reproduction_section(state),
    ]
    page.write(state, sections)
    score = standing.figures or validation.figures
    readme.write(state, {"score": score, "mistakes": errors.figures})
    model_card.write(state)
    citation.write(state)
    summary.write(state)
    for sentence in state.missing():
        note(f"  {sentence}")
    note(f"Wrote {page.PAGE}.")
