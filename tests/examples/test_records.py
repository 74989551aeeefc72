"""Every number in an example's README is in its results.json, which a command writes."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import agents
import generated
import pytest
import record
from demonstration import Demonstration
from documents import EXAMPLES
from generative_project import finish_project, write_report
from results import START, fill
from summary import DRAWING, block
from support import REPOSITORY, outside_environment

from compete.files import LEDGER, SCORES
from compete.records import CrossValidation, FoldRun, MemberScore, Scores

DEMONSTRATED = REPOSITORY / "examples" / "digit-recognizer"
CONNECTX = REPOSITORY / "examples" / "connectx"
READMES = [path for path in EXAMPLES if START in path.read_text(encoding="utf-8")]
RECORDED = [path for path in READMES if (path.parent / "results.json").exists()]


def read_results(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    return found


def test_a_readme_shows_no_results_that_were_not_recorded() -> None:
    for readme in set(READMES) - set(RECORDED):
        text = readme.read_text(encoding="utf-8")
        assert fill(text, "").count("|") == text.count("|"), readme


@pytest.mark.parametrize("readme", RECORDED, ids=lambda path: path.parent.name)
def test_a_readme_shows_the_recorded_results(readme: Path) -> None:
    text, results = readme.read_text(encoding="utf-8"), read_results(readme.parent)
    demonstrated = readme.parent == DEMONSTRATED
    shown = agents.block if record.plays(readme.parent.name) else record.block
    written = block(results) if demonstrated else shown(results, readme.parent.name)
    assert fill(text, written) == text
    if not record.plays(readme.parent.name):
        first = results["cv"] if "cv" in results else list(results["curve"].values())[-1]
        assert f"| {first:.{4 if 'cv' in results else 1}f} |" in text


@pytest.mark.parametrize(
    ("submission", "scored"), [(None, {}), ({"public": 0.5, "private": None}, {"public": 0.5})]
)
def test_a_project_is_recorded_with_or_without_a_submission(
    tmp_path: Path, submission: dict[str, float | None] | None, scored: dict[str, float]
) -> None:
    cv = CrossValidation("f1", 0.8, "maximize", 9, 0.5, [0.8])
    Scores(cv, {"base": MemberScore(0.8, [0.8], [0], 1.0)}).write(tmp_path / SCORES)
    run = FoldRun("fingerprint", "base", 0, finished=True, torch="2", lightning="2")
    run.write(tmp_path / "runs/base/fold0/fold.json")
    sent = {"tag": "1", "time": "2026-01-01", "slug": "some", "file": "some.csv", "sha256": "0"}
    (tmp_path / LEDGER).parent.mkdir()
    line = json.dumps(sent | submission) + "\n" if submission else ""
    (tmp_path / LEDGER).write_text(line, encoding="utf-8")
    results = record.collect(tmp_path, {"train": 1.0})
    assert {key: results[key] for key in ("public", "private") if key in results} == scored
    assert results["members"] == {"base": 0.8}
    assert results["versions"] == {"torch": "2", "lightning": "2"}


@pytest.mark.slow
def test_the_demonstration_is_recorded_by_a_command(
    demonstration: Demonstration, clone: Path, tmp_path: Path
) -> None:
    """The script is the clone's, since it writes into its own repository."""
    recorder = tmp_path / "recorder"
    shutil.copytree(clone, recorder, ignore=shutil.ignore_patterns(".venv", ".git"))
    command = [sys.executable, "examples/demo.py", "--record", str(demonstration.folder)]
    subprocess.run(command, cwd=recorder, env=outside_environment(), check=True)
    example = recorder / "examples/digit-recognizer"
    results = read_results(example)
    text = (example / "README.md").read_text(encoding="utf-8")
    assert fill(text, block(results)) == text
    scores = json.loads((demonstration.project.path / SCORES).read_text(encoding="utf-8"))
    assert results["cv"] == scores["cv"]["score"]
    assert f"{results['private']:.4f}" in (recorder / "docs/demo.svg").read_text(encoding="utf-8")


def test_the_recorded_demonstration_keeps_its_promises() -> None:
    results = read_results(DEMONSTRATED)
    assert results["private"] >= 0.98
    assert results["rank"] == 1


@pytest.mark.skipif(
    not (CONNECTX / "results.json").exists(),
    reason="examples/record.py has not recorded connectx yet",
)
def test_the_recorded_agent_keeps_its_promises() -> None:
    results = read_results(CONNECTX)
    shares = {
        opponent: (wins + draws / 2) / (wins + draws + losses)
        for opponent, (wins, draws, losses) in results["games"].items()
    }
    assert sum(map(sum, results["games"].values())) >= 200
    assert shares["random"] >= 0.99
    assert shares["negamax"] >= 0.95
    assert shares["alpha-beta-8"] >= 0.5
    assert results["failures"] == 0
    assert results["slowest_seconds"] < 2  # Kaggle's limit
    assert results["kept_value"] >= 0.9
    bare = results["without_search"]
    games = bare["wins"] + bare["draws"] + bare["losses"]
    assert (bare["wins"] + bare["draws"] / 2) / games >= 0.75
    assert results["seconds"]["train"] < 20 * 60


def test_the_drawing_shows_the_results_and_fetches_nothing() -> None:
    drawing = DRAWING.read_text(encoding="utf-8")
    assert f"{read_results(DEMONSTRATED)['private']:.4f}" in drawing
    assert len(drawing) < 100_000
    addresses = set(re.findall(r"https?://[^\s\"')]+", drawing))
    assert addresses <= {"http://www.w3.org/2000/svg", "https://www.textualize.io"}


def test_a_project_of_images_is_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = '[project]\nname = "some"\nversion = "1"\ndescription = "Some"\n'
    Path("pyproject.toml").write_text(text, encoding="utf-8")
    write_report(finish_project())
    results = record.collect(tmp_path, {"train": 400.0})
    assert results["curve"] == {"0": 999.5, "10": 300.0, "20": 150.25}
    written = record.block(json.loads(json.dumps(results)), "fashion")
    for row in (
        "| FID-lite0 of 500 images, before training | 999.5 |",
        "| after 20 thousand images | 150.2 |",
        "| factor of improvement | 6.7 |",
        "| MiFID-lite0 of the submission (600 images) | 130.2 |",
        "| copies of training images | 1 |",
        "| train, seconds | 400 |",
        "written by `uv run python examples/record.py fashion ../fashion`.",
    ):
        assert row in written, row
    (tmp_path / "example").mkdir()
    generated.copy_pictures(tmp_path, tmp_path / "example")
    for name in re.findall(r"\]\((\S+)\)", written):
        assert (tmp_path / "example" / name).stat().st_size
