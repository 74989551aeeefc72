"""The pages of validation and of the arena: what they hold, and that a quick run writes one."""

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from practice_kaggle.metric_names import find_metric
from support import REPOSITORY, outside_environment

from bench import arena
from bench.arena import TABLES, Bout, arena_page
from bench.competition_run import CompetitionRun
from bench.held_out import HELD_OUT, make_held_out
from bench.project import Project
from compete.supervised.holdout import find_holdout

MACHINE = {"Cores": "2"}


@pytest.mark.parametrize("kind", HELD_OUT)
def test_a_made_up_competition_hides_what_it_says(tmp_path: Path, kind: str) -> None:
    folder = make_held_out(kind, tmp_path / "practice")
    train, test = (pl.read_csv(folder / f"data/{split}.csv") for split in ("train", "test"))
    assert set(train.columns) - set(test.columns) == {train.columns[-1]}
    found = find_holdout(train, test, [train.columns[-1]])
    assert found.column in {"household", "datetime", "date"}
    assert found.kind == ("time" if kind == "the last days" else "grouped")


@pytest.mark.long
@pytest.mark.slow
def test_a_quick_run_tells_the_gap_to_the_hidden_score(tmp_path: Path) -> None:
    output = tmp_path / "validation.md"
    options = ["validation", "--quick", "--output", str(output), "--work", str(tmp_path / "work")]
    done = subprocess.run(
        [sys.executable, "-m", "bench", *options],
        cwd=REPOSITORY,
        env=outside_environment(),
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = output.read_text(encoding="utf-8").splitlines()
    (row,) = (line.strip("| ").split(" | ") for line in lines if line.startswith("| households"))
    assert row[1:3] == ["grouped", "macro_f1 ↑"]
    score, spread, hidden, gap = map(float, row[3:])
    assert 0 < score < 1
    assert gap == pytest.approx(abs(score - hidden) / spread, abs=0.1)


@pytest.mark.parametrize("name", ["households", "homes", "voters"])
def test_hidden_rows_of_the_arena_share_no_group_or_time(tmp_path: Path, name: str) -> None:
    months = [f"{2000 + n // 12}-{1 + n % 12:02}-01" for n in range(120)]
    pl.DataFrame({"id": range(120), "month": months, "y": range(120)}).write_csv(
        tmp_path / f"{name}.csv"
    )
    folders = [arena._write(tmp_path, name, seed, None, tmp_path / str(seed)) for seed in (0, 1)]
    tables = [
        [pl.read_csv(folder / f"data/{split}.csv") for split in ("train", "test")]
        for folder in folders
    ]
    for train, test in tables:
        assert 0.2 < test.height / (train.height + test.height) < 0.4
        assert not set(train[train.columns[0]]) & set(test[test.columns[0]])
    train, test = tables[0]
    if name == "households":
        assert not set(train["household"]) & set(test["household"])
    if name == "homes":
        assert max(train["month"]) < min(test["month"])
    else:
        assert set(test[test.columns[0]]) != set(tables[1][1][test.columns[0]])


def test_a_class_written_another_way_is_refused_instead_of_scored_as_wrong(tmp_path: Path) -> None:
    pl.DataFrame({"id": range(90), "digit": [n % 3 for n in range(90)]}).write_csv(
        tmp_path / "digits.csv"
    )
    folder = arena._write(tmp_path, "digits", 0, None, tmp_path / "practice")
    metric = find_metric(TABLES["digits"].metric)
    run = CompetitionRun("tabular", Project(tmp_path), folder, "practice-digits", metric, "digit")
    right = dict(pl.read_csv(folder / "private/solution.csv").select("id", "digit").rows())
    assert arena._score(run, "LightGBM", {str(key): value for key, value in right.items()}) == 1
    with pytest.raises(ValueError, match=r"LightGBM predicts '0\.0'"):
        arena._score(run, "LightGBM", {str(key): float(value) for key, value in right.items()})


def test_the_page_ranks_by_the_metrics_direction_and_counts_wins() -> None:
    who = ("this template", "AutoGluon")
    bouts = [
        Bout(
            table,
            seed,
            100,
            dict(zip(who, scores, strict=True)),
            dict.fromkeys(who, 9.0),
            "a1b2c3d",
        )
        for table, scores in (("tumours", (0.9, 0.8)), ("visits", (0.5, 0.4)))
        for seed in (0, 1)
    ]
    assert bouts[0].ranks == {"this template": 1, "AutoGluon": 2}
    assert bouts[2].ranks == {"this template": 2, "AutoGluon": 1}
    page = arena_page(bouts, MACHINE, quick=False)
    lost = "not on visits (AutoGluon is 0.1000 ± 0.0000 better)"
    assert f"best mean rank, or shares it, on 1 of 2 tables; {lost}" in page
    assert "| visits | 2.00 | 1.00 |" in page
    assert "| all | 1.50 ± 0.71 | 1.50 ± 0.71 |" in page
    assert f"| tumours | {TABLES['tumours'].has} | 100 | auc ↑ | 0.9000 ± 0.0000 |" in page
