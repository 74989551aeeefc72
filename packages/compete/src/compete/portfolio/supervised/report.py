"""`compete report` of a project of predictions."""

from collections.abc import Callable, Sequence

from compete.contract import Contract
from compete.explanation import Explanation
from compete.portfolio.page import Tile
from compete.portfolio.report import Report
from compete.portfolio.report import write as write_report
from compete.portfolio.section import count, number, sentence
from compete.portfolio.sections.cost import cost_section
from compete.portfolio.sections.experiments import experiments_section
from compete.portfolio.sections.leaderboard import leaderboard_section
from compete.portfolio.sections.reproduction import limitations_section, reproduction_section
from compete.portfolio.supervised import cards
from compete.portfolio.supervised.galleries import (
    Inputs,
    examples,
    gallery,
    important_first,
    pick_rows,
)
from compete.portfolio.supervised.sections.competition import competition_section
from compete.portfolio.supervised.sections.data import data_section
from compete.portfolio.supervised.sections.ensemble import ensemble_section
from compete.portfolio.supervised.sections.errors import errors_section, predictions_section
from compete.portfolio.supervised.sections.explanations import explanations_section
from compete.portfolio.supervised.sections.training import training_section
from compete.portfolio.supervised.sections.validation import validation_section
from compete.portfolio.supervised.state import SupervisedState, load_state
from compete.project import task_module
from compete.records import LedgerEntry

Explain = Callable[[Contract, Sequence[int]], Sequence[Explanation]]
_EXPLAINED = 2  # rows of each pick


def report(ledger: list[LedgerEntry]) -> None:
    """Write everything that visitors see, with the inputs and explanations of the author's task.

    Args:
        ledger: the submissions, oldest first.

    Raises:
        Fault: there is no contract, or a file is broken.
    """
    task = task_module("explain")
    write(ledger, task.inputs, task.explain)


def write(ledger: list[LedgerEntry], inputs: Inputs, explain: Explain) -> None:
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
        cost_section(state, count(len(state.runs), "fold")),
        limitations_section(state),
        reproduction_section(state),
    ]
    score = standing.figures or validation.figures
    write_report(
        Report(
            state=state,
            tiles=_tiles(state),
            sections=sections,
            results=cards.results(state),
            figures={"score": score, "mistakes": errors.figures},
            model=cards.model_facts(state),
            summary=cards.summary(state),
        )
    )


def _tiles(state: SupervisedState) -> list[Tile]:
    """Return the few numbers for a visitor who has one minute."""
    tiles = []
    if state.cv:
        tiles.append((f"{state.cv.metric}, out of fold", number(state.cv.score)))
    if entry := state.headline:
        for key, score in (("public", entry.public), ("private", entry.private)):
            if score is not None:
                tiles.append((f"{key} score", number(score)))
        if entry.rank:
            tiles.append(("rank", sentence("{} of {}", entry.rank, entry.teams)))
    return tiles
