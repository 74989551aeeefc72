"""`compete report` of a project of predictions."""

from collections.abc import Callable, Sequence

from compete.contract import Contract
from compete.explanation import Explanation
from compete.portfolio.report import Report
from compete.portfolio.report import write as write_report
from compete.portfolio.section import count
from compete.portfolio.sections.cost import cost_section
from compete.portfolio.sections.experiments import experiments_section
from compete.portfolio.sections.leaderboard import leaderboard_section
from compete.portfolio.sections.reproduction import limitations_section, reproduction_section
from compete.portfolio.supervised import cards
from compete.portfolio.supervised.galleries import Inputs, Shown, pick_rows
from compete.portfolio.supervised.headline import headline
from compete.portfolio.supervised.sections.data import data_section
from compete.portfolio.supervised.sections.ensemble import ensemble_section
from compete.portfolio.supervised.sections.errors import errors_section
from compete.portfolio.supervised.sections.explanations import explanations_section
from compete.portfolio.supervised.sections.training import training_section
from compete.portfolio.supervised.sections.validation import validation_section
from compete.portfolio.supervised.state import load_state
from compete.project import author, task_module
from compete.submission_records import LedgerEntry

Explain = Callable[[Contract, Sequence[int]], Sequence[Explanation]]
_EXPLAINED = 2  # rows of each pick


def report(ledger: list[LedgerEntry]) -> None:
    """Write everything that visitors see, with the inputs and explanations of the author's task.

    Args:
        ledger: the submissions, oldest first.

    Raises:
        Fault: there is no contract, or a file is broken.
    """
    module = task_module("explain")
    task = str(author("settings", "Settings").task).rpartition(".")[2]
    write(ledger, task, module.inputs, module.explain)


def write(ledger: list[LedgerEntry], task: str, inputs: Inputs, explain: Explain) -> None:
    """Write everything that visitors see, from whatever is there.

    Args:
        ledger: the submissions, oldest first.
        task: `image`, `tabular`, `text` or `translation`.
        inputs: returns the inputs of training rows, in a form that can be shown.
        explain: returns the task's explanations of the predictions for training rows.

    Raises:
        Fault: there is no contract, or a file is broken.
    """
    state = load_state(ledger, task)
    problem, oof = state.problem, state.oof
    picks = pick_rows(problem, oof) if oof is not None else []
    rows = [row for pick in picks for row in pick.rows["row"].head(_EXPLAINED)]
    explanations = explain(state.contract, rows) if rows else []
    mistakes = problem.mistakes(oof, state.train) if oof is not None else None
    shown = Shown(state.contract, inputs, explanations)
    standing, validation = leaderboard_section(state), validation_section(state)
    first = headline(state, mistakes, explanations, [*standing.figures, *validation.figures])
    examples = shown.examples(problem, state.train) if state.train is not None else None
    sections = [
        data_section(state, examples),
        validation,
        standing,
        training_section(state),
        errors_section(mistakes, [shown.predictions(pick) for pick in picks]),
        explanations_section(explanations),
        ensemble_section(state),
        experiments_section(state),
        cost_section(state, count(len(state.runs), "fold")),
        limitations_section(state),
        reproduction_section(state),
    ]
    write_report(
        Report(
            state=state,
            headline=first,
            sections=sections,
            results=cards.results(state),
            model=cards.model_facts(state),
            summary=cards.summary(state),
        )
    )
