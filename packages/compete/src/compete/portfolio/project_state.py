"""Gathers what every project shows, each fact from the file that states it."""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from compete.files import MEMBERS, NOTES, git, project_title, read_yaml, readme_heading
from compete.portfolio.experiments import Experiment, load_experiments
from compete.portfolio.repository import Metadata, load_metadata, origin_url
from compete.submission_records import Leaderboard, LedgerEntry

DEFAULT_DESCRIPTION = "Deep learning for the Kaggle competition"  # the template's


class Terms(Protocol):
    """What every contract says of its competition."""

    @property
    def slug(self) -> str:
        """Its name in its address on kaggle.com."""

    @property
    def title(self) -> str:
        """Its title."""


@dataclass(frozen=True)
class TrainingCost:
    """What a training took.

    Args:
        seconds: of training.
        device: `cpu`, `cuda` or `mps`.
        hardware: its name.
        versions: of the packages that trained, such as `torch 2.6`.
        devices: how many took part.
    """

    seconds: float
    device: str
    hardware: str
    versions: frozenset[str]
    devices: int = 1


@dataclass(frozen=True, kw_only=True)
class ProjectState(ABC):
    """The facts for the report and the cards of any project; missing ones are None or empty.

    Args:
        contract: what the competition asks for.
        task: `image`, `tabular`, `text`, `translation`, `simulation` or `generative`.
        metadata: of the project, from pyproject.toml.
        heading: of the README.
        members: the names of its members.
        ledger: the submissions, oldest first.
        leaderboard: of this competition.
        experiments: what was tried with DVC.
        notes: the author's words, in Markdown.
        commit: the current one.
        origin: the address of the repository, without credentials.
        data_hash: DVC's hash of the raw data.
    """

    contract: Terms
    task: str
    metadata: Metadata
    heading: str
    members: list[str]
    ledger: list[LedgerEntry]
    leaderboard: Leaderboard | None
    experiments: list[Experiment]
    notes: str
    commit: str
    origin: str
    data_hash: str

    @property
    @abstractmethod
    def metric(self) -> str:
        """What the project is measured by."""

    @property
    @abstractmethod
    def maximize(self) -> bool:
        """Whether more of it is better."""

    @property
    @abstractmethod
    def kind(self) -> str:
        """What kind of work it is, such as `image classification`."""

    @property
    @abstractmethod
    def costs(self) -> list[TrainingCost]:
        """What each finished training took."""

    @abstractmethod
    def unfinished(self) -> list[str]:
        """Return a sentence for each step before the submission that is not done yet."""

    @property
    def purpose(self) -> str:
        """The author's sentence on the project; empty while it is the template's default."""
        text = self.metadata.description.strip()
        if text.startswith(DEFAULT_DESCRIPTION) or not text:
            return ""
        return text if text.endswith((".", "!", "?")) else f"{text}."

    @cached_property
    def headline(self) -> LedgerEntry | None:
        """The submission with the best public score, which is the one on the leaderboard."""
        sign = 1 if self.leaderboard_maximize else -1
        scored = [
            (sign * entry.public, entry)
            for entry in self.ledger
            if entry.state == "complete"
            and entry.public is not None
            and entry.slug == self.contract.slug
        ]
        return max(scored, key=lambda pair: pair[0])[1] if scored else None

    @property
    def leaderboard_score(self) -> tuple[str, float]:
        """Where the headline's score is from, and the score: the private one where it is known.

        Raises:
            ValueError: nothing has a score yet.
        """
        entry = self.headline
        if entry is None or entry.public is None:
            raise ValueError("nothing has a score yet")
        if entry.private is not None:
            return "private leaderboard", entry.private
        return "public leaderboard", entry.public

    @property
    def leaderboard_maximize(self) -> bool:
        """Whether more is better on the leaderboard, whose order tells if its metric is another."""
        other = any(entry.leaderboard_metric for entry in self.ledger)
        order = self.leaderboard.maximize if self.leaderboard and other else None
        return self.maximize if order is None else order

    @property
    def leaderboard_metric(self) -> str:
        """What the leaderboard is by: Kaggle's name if it is another than the project's metric."""
        return (self.headline and self.headline.leaderboard_metric) or self.metric

    @property
    def title(self) -> str:
        """What a person would call it: the README's heading, unless that is only the slug."""
        return project_title(self.heading, self.contract.slug, self.contract.title)

    @property
    def address(self) -> str:
        """Of the competition, for a browser; empty if there is none."""
        return f"https://www.kaggle.com/competitions/{self.contract.slug}"

    @property
    def published_commit(self) -> str:
        """The commit that the headline submission was made from, else the current one."""
        return (self.headline and self.headline.commit) or self.commit

    @property
    def seconds(self) -> float:
        """The time of all trainings together."""
        return sum(cost.seconds for cost in self.costs)

    def missing(self) -> list[str]:
        """Return a sentence for each step that is not done yet."""
        sentences = self.unfinished()
        if self.headline is None:
            waiting = any(entry.is_open for entry in self.ledger)
            sentences.append(
                "A submission is waiting for its score."
                if waiting
                else "Nothing has been submitted yet."
            )
        return sentences


def shared_facts(
    contract: Terms, task: str, ledger: list[LedgerEntry], score: str
) -> dict[str, Any]:
    """Read what a `ProjectState` holds in every project.

    Args:
        contract: what the competition asks for.
        task: `image`, `tabular`, `text`, `translation`, `simulation` or `generative`.
        ledger: the submissions, oldest first.
        score: DVC's name of the number that experiments are compared by.

    Raises:
        Fault: a file is broken.
    """
    board = Leaderboard.load()
    return {
        "contract": contract,
        "task": task,
        "metadata": load_metadata(),
        "heading": readme_heading(),
        "members": sorted(path.stem for path in MEMBERS.glob("*.yaml")),
        "ledger": ledger,
        "leaderboard": board if board and board.slug == contract.slug else None,
        "experiments": load_experiments(score),
        "notes": _notes(),
        "commit": git("rev-parse", "HEAD"),
        "origin": origin_url(),
        "data_hash": _data_hash(),
    }


def _notes() -> str:
    """Return the author's words without the hints that the template left as comments."""
    text = NOTES.read_text(encoding="utf-8") if NOTES.exists() else ""
    return re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL).strip()


def _data_hash() -> str:
    lock = Path("dvc.lock")
    stages: dict[str, Any] = read_yaml(lock).get("stages", {}) if lock.exists() else {}
    outputs = stages.get("download", {}).get("outs", [])
    return next((out["md5"] for out in outputs if out["path"] == "data/raw"), "")
