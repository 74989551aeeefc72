"""Times what people wait for: the start of `compete`, the scaffold, `dvc repro`, `validate`."""

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import yaml

from bench.project import Project, command, scaffold_command

Seconds = list[float]
_HEAVY = ("torch", "lightning", "numpy", "polars", "kaggle", "dvc")
_LOADED = f"""
import sys, compete.cli as cli
sys.argv = ["compete", "--help"]
try:
    cli.main()
except SystemExit:
    pass
print("\\n" + " ".join(name for name in {_HEAVY!r} if name in sys.modules))
"""


def timed(words: Sequence[str], cwd: Path, env: dict[str, str] | None, runs: int) -> Seconds:
    """Return the seconds of each run of a command, after one that fills the caches.

    Args:
        words: the command.
        cwd: where it runs.
        env: its variables; None: this process's.
        runs: how many are timed.
    """
    command(words, cwd, env)
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        command(words, cwd, env)
        seconds.append(time.perf_counter() - start)
    return seconds


def start_up(project: Project, runs: int) -> tuple[Seconds, list[str]]:
    """Return the seconds of `compete --help`, and the heavy packages that it imported."""
    seconds = timed(
        [project.program("compete"), "--help"], project.path, project.environment(), runs
    )
    return seconds, project.run("python", "-c", _LOADED).splitlines()[-1].split()


def bare_python(project: Project, runs: int) -> Seconds:
    """Return the seconds of Python's own start in the project's environment."""
    return timed([project.program("python"), "-c", ""], project.path, project.environment(), runs)


def scaffold(work: Path, runs: int) -> Seconds:
    """Return the seconds of cookiecutter with the default answers, git repository and DVC too."""
    seconds = []
    for _ in range(runs + 1):
        with tempfile.TemporaryDirectory(dir=work, ignore_cleanup_errors=True) as folder:
            words = scaffold_command(Path(folder))
            start = time.perf_counter()
            command(words, work)
            seconds.append(time.perf_counter() - start)
    return seconds[1:]


def nothing_to_do(project: Project, stages: Sequence[str], runs: int) -> Seconds:
    """Return the seconds of `dvc repro` of stages that are up to date."""
    words = [project.program("dvc"), "repro", *stages]
    said = command(words, project.path, project.environment())
    if "Running stage" in said:
        sys.exit(f"error: dvc repro had something to do:\n{said}")
    return timed(words, project.path, project.environment(), runs)


def validations(project: Project, work: Path, rows: int, runs: int) -> dict[str, Seconds]:
    """Return the seconds of `compete validate` for two kinds of submission.

    Args:
        project: whose command it is.
        work: a folder to work in.
        rows: of a submission; they are not in the order of the sample submission.
        runs: how many are timed.
    """
    entries = yaml.safe_load((project.path / "contract.yaml").read_text(encoding="utf-8"))
    ids = pl.Series("ImageId", np.arange(1, rows + 1))
    generator = np.random.default_rng(0)
    digits = pl.Series("Label", generator.integers(0, 10, rows))
    probabilities = generator.dirichlet(np.ones(10), rows).round(6)
    names = [str(digit) for digit in range(10)]
    tables = {
        "one label a row": ("accuracy", "label", pl.DataFrame([ids, digits])),
        "ten probabilities a row": (
            "log_loss",
            "probability",
            pl.DataFrame([ids]).hstack(pl.DataFrame(probabilities, schema=names)),
        ),
    }
    times = {}
    for name, (metric, kind, table) in tables.items():
        with tempfile.TemporaryDirectory(dir=work, ignore_cleanup_errors=True) as folder:
            changes: dict[str, Any] = {
                "metric": metric,
                "prediction": kind,
                "rows": rows,
                "submission_columns": table.columns,
                "sample_submission": "sample.csv",
            }
            for key, value in changes.items():
                entries[key]["value"] = value
            here = Path(folder)
            (here / "params.yaml").write_bytes((project.path / "params.yaml").read_bytes())
            text = yaml.safe_dump(entries, sort_keys=False)
            (here / "contract.yaml").write_text(text, encoding="utf-8")
            table.write_csv(here / "sample.csv")
            table.sample(fraction=1, shuffle=True, seed=0).write_csv(here / "mine.csv")
            words = [project.program("compete"), "validate", "mine.csv"]
            times[name] = timed(words, here, project.environment(), runs)
    return times
