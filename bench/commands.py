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
from project import Project, command, scaffold_command

Seconds = list[float]
_HEAVY = ("torch", "lightning", "numpy", "polars", "kaggle", "dvc")
_LOADED = """
import sys, {package}.cli as cli
sys.argv = ["compete", "--help"]
try:
    cli.main()
except SystemExit:
    pass
print("\\n" + " ".join(name for name in {heavy!r} if name in sys.modules))
"""


def timed(words: Sequence[str], cwd: Path, env: dict[str, str] | None, runs: int) -> Seconds:
    """Seconds of each of `runs` runs of a command, after one that fills the caches."""
    command(words, cwd, env)
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        command(words, cwd, env)
        seconds.append(time.perf_counter() - start)
    return seconds


def start_up(project: Project, runs: int) -> tuple[Seconds, list[str]]:
    """`compete --help`: seconds, and which heavy packages it imported."""
    seconds = timed(
        [project.program("compete"), "--help"], project.path, project.environment(), runs
    )
    code = _LOADED.format(package=project.package, heavy=_HEAVY)
    return seconds, project.run("python", "-c", code).splitlines()[-1].split()


def bare_python(project: Project, runs: int) -> Seconds:
    """The start of Python itself in the project's environment: no command can be quicker."""
    return timed([project.program("python"), "-c", ""], project.path, project.environment(), runs)


def scaffold(work: Path, runs: int) -> Seconds:
    """cookiecutter with the defaults: render, lay the task over it, git repository, DVC."""
    seconds = []
    for _ in range(runs + 1):
        with tempfile.TemporaryDirectory(dir=work, ignore_cleanup_errors=True) as folder:
            words = scaffold_command(Path(folder))
            start = time.perf_counter()
            command(words, work)
            seconds.append(time.perf_counter() - start)
    return seconds[1:]


def nothing_to_do(project: Project, stages: Sequence[str], runs: int) -> Seconds:
    """`dvc repro` of stages that are up to date."""
    words = [project.program("dvc"), "repro", *stages]
    said = command(words, project.path, project.environment())
    if "Running stage" in said:
        sys.exit(f"error: dvc repro had something to do:\n{said}")
    return timed(words, project.path, project.environment(), runs)


def validations(project: Project, work: Path, rows: int, runs: int) -> dict[str, Seconds]:
    """`compete validate` of submissions of `rows` rows, whose ids come in another order."""
    entries = yaml.safe_load((project.path / "contract.yaml").read_text(encoding="utf-8"))
    ids = pl.Series("ImageId", np.arange(1, rows + 1))
    generator = np.random.default_rng(0)
    digits = pl.Series("Label", generator.integers(0, 10, rows))
    chances = generator.dirichlet(np.ones(10), rows).round(6)
    names = [str(digit) for digit in range(10)]
    tables = {
        "one label a row": ("accuracy", "label", pl.DataFrame([ids, digits])),
        "ten probabilities a row": (
            "log_loss",
            "probability",
            pl.DataFrame([ids]).hstack(pl.DataFrame(chances, schema=names)),
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
