"""The ledger is whole at any moment, and knows what a submission was made from."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def ledger(
    package: Callable[[str], ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> ModuleType:
    """The module, in a project's folder with a submission and its score."""
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "params.yaml": "competition:\n  slug: some-competition\nmodel:\n  lr: 0.1\n",
        "submissions/submission.csv": "id,y\n1,a\n",
        "submissions/other.csv": "id,y\n1,b\n",
        "reports/metrics.json": json.dumps({"cv": {"metric": "accuracy", "score": 0.9}}),
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return package("kaggle.ledger")


def test_what_is_saved_is_loaded(ledger: ModuleType) -> None:
    entry = ledger.new_entry(Path("submissions/submission.csv"), "größer", "some-competition")
    ledger.save([entry])
    assert ledger.load() == [entry]
    assert "größer" in ledger.LEDGER.read_text(encoding="utf-8")


def test_entry_knows_params_and_cv(ledger: ModuleType) -> None:
    entry = ledger.new_entry(Path("submissions/submission.csv"), "", "some-competition")
    assert entry.params["model"] == {"lr": 0.1}
    assert (entry.metric, entry.cv, entry.state) == ("accuracy", 0.9, "sending")


def test_cv_belongs_to_the_submission_of_the_pipeline(ledger: ModuleType) -> None:
    entry = ledger.new_entry(Path("submissions/other.csv"), "", "some-competition")
    assert entry.cv is None


def test_tag_ends_the_description(ledger: ModuleType) -> None:
    entry = ledger.new_entry(Path("submissions/other.csv"), "long " * 200, "some-competition")
    other = ledger.new_entry(Path("submissions/other.csv"), "", "some-competition")
    assert entry.description.endswith(f"[{entry.tag}]")
    assert len(entry.description) < 500
    assert entry.tag != other.tag


def test_commit_and_changes_since(ledger: ModuleType) -> None:
    def git(*words: str) -> None:
        who = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
        subprocess.run(["git", *who, *words], check=True, capture_output=True)

    git("init")
    git("add", "params.yaml", "submissions/other.csv")
    git("commit", "-m", "start")
    file = Path("submissions/other.csv")
    file.write_text("id,y\n1,c\n", encoding="utf-8")  # what is sent is no change of the project
    clean = ledger.new_entry(file, "", "some-competition")
    assert len(clean.commit) == 40
    assert not clean.dirty
    params = Path("params.yaml")
    params.write_text(params.read_text(encoding="utf-8") + "seed: 1\n", encoding="utf-8")
    assert ledger.new_entry(file, "", "some-competition").dirty


def test_broken_line_is_named(ledger: ModuleType, package: Callable[[str], ModuleType]) -> None:
    ledger.save([ledger.new_entry(Path("submissions/other.csv"), "", "some-competition")])
    with ledger.LEDGER.open("a", encoding="utf-8") as file:
        file.write('{"tag": "half')
    with pytest.raises(package("errors").Fault, match="Line 2"):
        ledger.load()


def test_no_ledger_yet(ledger: ModuleType) -> None:
    assert ledger.load() == []
