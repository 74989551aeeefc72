"""`python -m bench --quick` measures everything once and writes the page. No time is judged."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from practice_kaggle.metric_names import find_metric
from support import REPOSITORY, outside_environment

from bench.competition_run import CompetitionRun, Entry, Result
from bench.page import baselines_section
from bench.project import Project


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page that a quick run writes."""
    folder = tmp_path_factory.mktemp("bench")
    output = folder / "docs" / "benchmarks.md"
    options = ["--quick", "--output", str(output), "--work", str(folder)]
    words = [sys.executable, "-m", "bench", *options]
    done = subprocess.run(
        words, cwd=REPOSITORY, env=outside_environment(), capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return output.read_text(encoding="utf-8")


def _rows(page: str, section: str) -> list[list[str]]:
    """Return the cells of the table of a section, without its head."""
    part = page.split(f"## {section}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("|")]
    return lines[2:]


def _ordered(cells: list[str]) -> bool:
    smallest, middle, largest = map(float, cells)
    return 0 < smallest <= middle <= largest


@pytest.mark.long
@pytest.mark.slow
def test_page_names_machine_and_versions_and_warns_of_a_quick_run(page: str) -> None:
    machine = dict(_rows(page, "Machine"))
    assert int(machine["Cores"]) >= 1
    assert machine["Processor"]
    assert "GiB" in machine["Memory"]
    versions = dict(_rows(page, "Versions"))
    assert {"Python", "torch", "lightning", "timm"} <= versions.keys()
    assert all(re.match(r"\d+\.\d+", version) for version in versions.values())
    assert "too few runs to mean anything" in page


@pytest.mark.long
@pytest.mark.slow
def test_training_and_the_bare_loop_do_the_same_work(page: str) -> None:
    rows = _rows(page, "Training step")
    assert [row[0].split()[0] for row in rows] == ["`compete", "bare", "the", "timm's"]
    for row in rows:
        assert _ordered(row[2:5]), row
        assert _ordered(row[5:8]), row
    apart = re.search(r"losses at most (\S+) apart|same losses to the last bit", page)
    assert apart is not None
    assert float(apart[1] or 0) < 1e-3


@pytest.mark.long
@pytest.mark.slow
def test_pipeline_is_measured_with_and_without_workers_and_from_files(page: str) -> None:
    rows = _rows(page, "Input pipeline")
    assert {row[1] for row in rows} == {"0", "1", "2"}
    assert {row[0].split(",")[0] for row in rows} == {"stored", "JPEG"}
    assert all(_ordered(row[3:6]) for row in rows)


@pytest.mark.long
@pytest.mark.slow
def test_a_large_table_is_prepared_beside_pandas(page: str) -> None:
    ours, pandas = _rows(page, "A large table")
    assert ours[0] == "`compete prepare`"
    assert "pandas" in pandas[0]
    for row in (ours, pandas):
        assert _ordered(row[2:5]), row
        assert float(row[5]) > 0


@pytest.mark.long
@pytest.mark.slow
def test_commands_are_measured_and_help_imports_nothing_heavy(page: str) -> None:
    rows = _rows(page, "Commands")
    for command in ("compete --help", "cookiecutter", "dvc repro", "compete validate"):
        assert any(f"`{command}" in row[0] for row in rows), command
    assert all(_ordered(row[-3:]) for row in rows if "starting and exiting Python" not in row[0])
    assert "`compete --help` imports: none." in page


@pytest.mark.long
@pytest.mark.slow
def test_baselines_are_scored_beside_the_template(page: str) -> None:
    rows = _rows(page, "Baselines")
    assert [row[0] for row in rows] == ["text", "text"]
    assert [row[3] for row in rows] == ["this template", "TF-IDF, logistic regression"]
    assert {row[2] for row in rows} == {"macro_f1 ↑"}
    oof, test, seconds = map(float, rows[1][4:])
    assert 0.7 < oof < 1
    assert 0.7 < test < 1
    assert seconds > 0
    assert "not a study" in page
    assert "Tables are left out of `--quick`." in page


def test_a_page_says_that_autogluon_is_missing() -> None:
    """Rows name metric and direction; a sentence stands for rows that are missing."""
    result = Result("tabular", "practice-diabetes", "rmse", "this template", 55.5, 56.5, 9)
    text = "\n".join(baselines_section([result], ["AutoGluon is not here."]))
    assert "| rmse ↓ | this template | 55.5000 | 56.5000 | 9.0 |" in text
    assert "AutoGluon is not here." in text


@pytest.mark.parametrize(
    ("metric", "known", "predicted", "score"),
    [
        ("accuracy", ["a", "b", "b", "a"], ["a", "b", "a", "a"], 0.75),
        ("auc", ["a", "b", "b", "a"], [0.1, 0.9, 0.3, 0.4], 0.75),
        ("rmse", [1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 2.0], 1.0),
    ],
)
def test_predictions_are_scored_by_id_in_any_order(
    tmp_path: Path, metric: str, known: list[Any], predicted: list[Any], score: float
) -> None:
    (tmp_path / "data/processed").mkdir(parents=True)
    (tmp_path / "private").mkdir()
    train = pl.DataFrame({"id": range(4), "y": known, "fold": [0, 1, 0, 1]})
    train.write_parquet(tmp_path / "data/processed/train.parquet")
    truth = [int(value == "b") for value in known] if metric == "auc" else known
    pl.DataFrame({"id": range(4), "y": truth}).write_csv(tmp_path / "private/solution.csv")
    run = CompetitionRun("tabular", Project(tmp_path), tmp_path, "made", find_metric(metric), "y")
    predictions = {str(row): predicted[row] for row in (2, 0, 3, 1)}
    result = run.score(Entry("some approach", predictions, predictions, 1.0))
    assert (result.oof, result.test) == pytest.approx((score, score))
