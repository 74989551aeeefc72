"""The command line: what starts without the libraries that train."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from authors import params_of
from samples import write
from small import settle

from compete.contract import Contract
from compete.kaggle import ledger

HEAVY = ("torch", "lightning", "timm", "torchvision", "transformers", "catboost", "sklearn")
PROGRAM = f"""
import sys
from compete.cli import main
try: main()
except SystemExit as end: code = end.code or 0
heavy = set({HEAVY!r}) & set(sys.modules)
assert not heavy, heavy
raise SystemExit(code)
"""


@pytest.fixture
def project(
    contract: Callable[..., Contract], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A project with a submission that was sent, in a git repository."""
    folder = tmp_path / "project"
    settle(folder, params_of("tabular"), {}, {})
    text = "id,y\n1,a\n2,b\n3,a\n4,b\n"
    for name in ("sample.csv", "submissions/submission.csv"):
        write(folder / name, text)
    contract().save(folder / "contract.yaml")
    monkeypatch.chdir(folder)
    for words in (["init", "-q"], ["add", "params.yaml"]):
        subprocess.run(["git", *words], check=True)
    ledger.save([ledger.new_entry(Path("submissions/submission.csv"), "first", "some-competition")])
    return folder


@pytest.mark.parametrize(
    ("command", "code", "says"),
    [
        ("--help", 0, "publish"),
        ("doctor", 1, "Python: "),
        ("download", 1, "No Kaggle credentials"),
        ("validate submissions/submission.csv", 0, "4 rows, no faults"),
        ("validate nowhere.csv", 1, "There is no file nowhere.csv"),
        ("submit", 1, "No Kaggle credentials"),
        ("status", 0, "first"),
        ("guard", 0, "Checked 1 file, compared with no data"),
        ("no-such-verb", 2, "no-such-verb"),
    ],
)
def test_what_trains_nothing_starts_without_torch(
    authors: Callable[[str], Path], project: Path, command: str, code: int, says: str
) -> None:
    home = {"HOME": str(project.parent), "USERPROFILE": str(project.parent)}
    env: dict[str, Any] = {k: v for k, v in os.environ.items() if not k.startswith("KAGGLE_")}
    env |= home | {"XDG_CONFIG_HOME": home["HOME"], "PYTHONPATH": str(authors("tabular"))}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *command.split()],
        cwd=project,
        env=env | {"COLUMNS": "200"},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert says.lower() in (done.stdout + done.stderr).lower()
    assert "Traceback" not in done.stderr


def _in_deep_folder(
    project: Path, package: Path, *words: str
) -> "subprocess.CompletedProcess[str]":
    (project / "src/deep").mkdir(parents=True)
    return subprocess.run(
        [sys.executable, "-m", "compete", *words],
        cwd=project / "src/deep",
        env=os.environ | {"PYTHONPATH": str(package)},
        capture_output=True,
        encoding="utf-8",
    )


def test_a_verb_works_from_any_folder_of_the_project(
    authors: Callable[[str], Path], project: Path
) -> None:
    words = ("validate", "submissions/submission.csv", "--json")
    done = _in_deep_folder(project, authors("tabular"), *words)
    assert done.returncode == 0, done.stderr
    assert '"rows": 4' in done.stdout


@pytest.mark.parametrize(("task", "words"), [("tabular", ["play"]), ("generative", ["export"])])
def test_a_verb_of_another_kind_of_project_is_refused(
    authors: Callable[[str], Path], project: Path, task: str, words: list[str]
) -> None:
    done = _in_deep_folder(project, authors(task), *words)
    assert done.returncode == 1
    said = f"error: `compete {' '.join(words)}` is not for this kind of project"
    assert done.stderr.startswith(said)


@pytest.mark.parametrize(
    "command",
    [
        "download",
        "prepare",
        "train",
        "predict",
        "validate submissions/submission.csv",
        "submit",
        "status",
        "report",
        "guard",
        "publish",
    ],
)
def test_outside_a_project_every_verb_says_so(tmp_path: Path, command: str) -> None:
    done = _outside(tmp_path, command)
    assert done.returncode == 1, done.stdout
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: There is no params.yaml in this folder")
    assert "project's folder" in line


@pytest.mark.parametrize(
    ("command", "code", "says"),
    [
        ("--help", 0, "publish"),
        ("submit --help", 0, "--late"),
        ("doctor", 1, "no params.yaml here"),
    ],
)
def test_what_needs_no_project_works_outside_of_one(
    tmp_path: Path, command: str, code: int, says: str
) -> None:
    done = _outside(tmp_path, command)
    assert done.returncode == code, done.stderr
    assert says in done.stdout
    assert "Traceback" not in done.stderr


def _outside(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder that belongs to no project, where Kaggle knows nobody."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("KAGGLE_")}
    env |= {"HOME": str(folder), "USERPROFILE": str(folder), "XDG_CONFIG_HOME": str(folder)}
    return subprocess.run(
        [sys.executable, "-m", "compete", *command.split()],
        cwd=folder,
        env=env | {"COLUMNS": "200"},
        capture_output=True,
        encoding="utf-8",
    )


def test_the_guard_names_rows_hidden_in_a_database(
    authors: Callable[[str], Path], project: Path
) -> None:
    rows = [(number, f"storm over harbour {number * 37}", number / 8) for number in range(40)]
    lines = "".join(f"{number},{text},{value}\n" for number, text, value in rows)
    write(project / "data/raw/train.csv", f"id,text,value\n{lines}")
    with sqlite3.connect(project / "notes.db") as database:
        database.execute("CREATE TABLE kept (id, text, value)")
        database.executemany("INSERT INTO kept VALUES (?, ?, ?)", rows)
    database.close()
    subprocess.run(["git", "add", "notes.db"], check=True)
    done = subprocess.run(
        [sys.executable, "-m", "compete", "guard"],
        env=os.environ | {"PYTHONPATH": str(authors("tabular"))},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 1
    assert "notes.db, table kept: rows of the competition's data" in done.stderr
    assert "Checked 2 files, compared with 40 rows of train.csv" in done.stderr
