"""Times `compete prepare` on a table of a hundred mixed columns, and pandas reading it twice."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from bench.project import Project, make_project

_PANDAS = "import pandas\nfor _ in range(2):\n    table = pandas.read_csv('data/raw/train.csv')"


@dataclass
class Usage:
    """The time and the memory that a command took.

    Args:
        seconds: of each run, from the start of the process to its end.
        memory: GiB, the most that a run held.
    """

    seconds: list[float]
    memory: float = 0.0


def measure_large_table(work: Path, rows: int, runs: int) -> dict[str, Usage]:
    """Return what `compete prepare` and pandas take for one table, by name; they take turns.

    Args:
        work: the folder to work in.
        rows: of the table.
        runs: of each; one more fills the caches.
    """
    project = make_project(work, {}, task="tabular", competition="large-table")
    _write(project.path / "data/raw", rows)
    commands = {
        "`compete prepare`": [project.program("compete"), "prepare"],
        "pandas, `read_csv` twice": [project.program("python"), "-c", _PANDAS],
    }
    usage = {name: Usage([]) for name in commands}
    for turn in range(runs + 1):
        for name, words in commands.items():
            seconds, memory = _run(project, words)
            if turn:
                usage[name].seconds.append(seconds)
                usage[name].memory = max(usage[name].memory, memory)
    return usage


def _write(raw: Path, rows: int) -> None:
    """Write forty columns of decimals, thirty of integers, thirty of words; target and id."""
    random = np.random.default_rng(0)
    words = np.array([f"word_{number}" for number in range(200)])
    table = pl.DataFrame(
        {"id": np.arange(rows)}
        | {f"decimal{n}": random.normal(size=rows).round(4) for n in range(40)}
        | {f"integer{n}": random.integers(0, 10 ** (1 + n % 5), rows) for n in range(30)}
        | {f"word{n}": words[random.integers(0, 5 + 6 * n, rows)] for n in range(30)}
    )
    target = (table["decimal0"] + table["integer0"] > 4).cast(pl.Int8).alias("target")
    test = table.head(1000).with_columns(pl.col("id") + rows)
    raw.mkdir(parents=True, exist_ok=True)
    table.with_columns(target).write_csv(raw / "train.csv")
    test.write_csv(raw / "test.csv")
    test.select("id", target=pl.lit(0)).write_csv(raw / "sample_submission.csv")


def _run(project: Project, words: list[str]) -> tuple[float, float]:
    """Return seconds and GiB of a command; 0 GiB where the system does not tell them."""
    start = time.perf_counter()
    said = project.path / "said.txt"
    with said.open("w") as file:
        process = subprocess.Popen(
            words, cwd=project.path, env=project.environment(), stdout=file, stderr=file
        )
    if not hasattr(os, "wait4"):
        status, unit, peak = process.wait(), 1, 0
    else:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status  # or Popen would wait for it again
        unit, peak = 1 if sys.platform == "darwin" else 1024, usage.ru_maxrss
    seconds = time.perf_counter() - start
    if status:
        sys.exit(f"error: {' '.join(words)} failed:\n{said.read_text(encoding='utf-8')}")
    return seconds, peak * unit / 2**30
