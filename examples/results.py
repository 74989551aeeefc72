"""The results of a project's run: read from its files, and kept in an example's folder."""

import json
import os
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from compete.files import LEDGER, SCORES
from compete.kaggle import ledger
from compete.portfolio.card import CARD, Card
from compete.records import FoldRun, Scores
from compete.submission_records import LedgerEntry

START, END = "<!-- results:start -->\n", "<!-- results:end -->"
Results = dict[str, Any]


@dataclass(frozen=True)
class Finished:
    """What a project's own records say of its run.

    Args:
        scores: of cross-validation.
        run: the training of one fold.
        entry: the last submission, None if there was none.
    """

    scores: Scores
    run: FoldRun
    entry: LedgerEntry | None

    @classmethod
    def read(cls, project: Path) -> Self:
        """Read the records of a project.

        Raises:
            FileNotFoundError: nothing was trained or predicted.
            compete.errors.Fault: a record is broken.
        """
        scores = Scores.read(project / SCORES)
        run = next(map(FoldRun.read, sorted(project.glob("runs/*/fold*/fold.json"))), None)
        if scores is None or run is None:
            raise FileNotFoundError(f"{project} has no scores yet: run `uv run dvc repro` there.")
        entries = ledger.load(project / LEDGER)
        return cls(scores, run, entries[-1] if entries else None)

    @property
    def where(self) -> Results:
        """The machine, the device and the versions of the run."""
        return {
            "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}",
            "device": self.run.device,
            "versions": {"torch": self.run.torch, "lightning": self.run.lightning},
        }


def describe_run(results: Results, command: str) -> str:
    """Return the sentence that says where a run's numbers are from."""
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    where = f"{results['machine']} ({results['device']}; {versions})"
    return f"One run, on {where}, written by `{command}`."


def fill(text: str, written: str) -> str:
    """Return `text` with `written` between its two marks."""
    before, rest = text.split(START)
    return before + START + written + END + rest.split(END)[1]


def keep(example: Path, project: Path, results: Results, written: str) -> None:
    """Write an example's results.json, the results into its README, and its card.

    Args:
        example: its folder.
        project: the finished project, with a report.
        results: the numbers.
        written: the numbers as Markdown.
    """
    text = json.dumps(results, indent=2) + "\n"
    (example / "results.json").write_text(text, encoding="utf-8")
    readme = example / "README.md"
    readme.write_text(fill(readme.read_text(encoding="utf-8"), written), encoding="utf-8")
    card = Card.load(project)
    if card is None:
        raise FileNotFoundError(f"{project} has no card: run `uv run compete report` there.")
    for name in (CARD, card.picture):
        if name:
            (example / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(project / name, example / name)
