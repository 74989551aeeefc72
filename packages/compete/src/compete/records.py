"""Typed records that one command writes for another, each with its file.

They stand below `kaggle`, `training` and `portfolio`, which share them and not each other.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self, TypeVar

from compete.errors import Fault
from compete.files import PROCESSED, RUNS, SCORES, write_json, write_text
from compete.typed import make_typed

PREPARED = PROCESSED / "prepared.json"


@dataclass(frozen=True)
class Record:
    """The contents of a JSON file."""

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Create the record from a mapping, ignoring other keys.

        Raises:
            ValueError: a required key is missing, or a value has another type than its field.
        """
        return make_typed(cls, values)

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Return the record in a file, None where there is no file.

        Raises:
            Fault: the file is broken.
        """
        if not path.exists():
            return None
        try:
            return cls.from_dict(json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError, KeyError) as error:
            raise Fault(
                f"{path} is damaged or was edited ({error}).",
                "Delete it, and run the command that writes it again.",
            ) from None

    def write(self, path: Path) -> None:
        """Write the record to a file, whole or not at all."""
        write_json(path, asdict(self))


@dataclass(frozen=True)
class CompetitionRecord(Record):
    """What Kaggle says of a competition, the same for everybody: `data/competition.json`.

    Args:
        metric: by Kaggle's own name; empty if it is not known.
        deadline: ISO 8601 in UTC.
        kernels_only: whether it takes notebooks and no files.
        evaluation: Kaggle's page on how submissions are scored.
        files: the name and the bytes of each file of the data.
    """

    slug: str = ""
    title: str = ""
    url: str = ""
    metric: str = ""
    deadline: str | None = None
    max_daily_submissions: int | None = None
    kernels_only: bool = False
    evaluation: str = ""
    files: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Prepared(Record):
    """The result of `compete prepare`.

    Args:
        fold_kind: `stratified`, `grouped`, `time` or `plain`.
        folds: how many folds there are.
        digest: fingerprint of the training rows, their folds, and what the contract says of both.
        rows: training rows that are used.
        test_rows: rows to predict.
        duplicates: training rows that equal another one, whose fold they share.
        counts: how many rows were left out or changed, by reason, such as `train_broken`.
        fold_column: the column that folds go by, if there is one.
        fold_reason: what in that column says so; `params.yaml` if it is named there.
    """

    fold_kind: str
    folds: int
    digest: str
    rows: int
    test_rows: int
    duplicates: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    fold_column: str = ""
    fold_reason: str = ""

    @classmethod
    def load(cls) -> "Prepared":
        """Read what `prepare` wrote. Raise `Fault` if it has not run."""
        found = cls.read(PREPARED)
        if found is None:
            raise Fault(f"{PROCESSED} is not there yet.", "Run `compete prepare` first.")
        return found


@dataclass(frozen=True)
class Pretrained(Record):
    """The pretrained weights of a run; unknown values are empty.

    Args:
        source: a repository on the Hugging Face hub, a package, an address, or a file or folder.
        kind: `hub`, `package`, `url` or `file`.
        version: the commit of the repository, or the version of the package.
        license: as the source states it.
        file: which file or folder of the package.
        sha256: of the file that holds the weights.
    """

    source: str
    kind: str
    version: str = ""
    license: str = ""
    file: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class FoldRun(Record):
    """The training of one fold of one member: `runs/<member>/fold<fold>/fold.json`.

    Args:
        fingerprint: of all that decides the result; another one means to train again.
        finished: whether weights were kept; else only the checkpoint is there.
        prepared: `Prepared.digest` of the rows that it was trained on.
        scores: last validation scores by name, such as `loss`.
        seconds: of training, in the run that finished it.
        devices: how many took part.
        pretrained: the weights that it began with, None if it began from scratch.
    """

    fingerprint: str
    member: str = ""
    fold: int = 0
    finished: bool = False
    prepared: str = ""
    scores: dict[str, float] = field(default_factory=dict)
    epochs: int = 0
    seconds: float = 0.0
    device: str = "cpu"
    devices: int = 1
    hardware: str = ""
    precision: str = ""
    torch: str = ""
    lightning: str = ""
    pretrained: Pretrained | None = None

    @staticmethod
    def folder(member: str, fold: int) -> Path:
        """Return the folder of a fold's run."""
        return RUNS / member / f"fold{fold}"

    @classmethod
    def load(cls, member: str, fold: int) -> "FoldRun | None":
        """Read the record of a fold, None if its training never began."""
        return cls.read(cls.folder(member, fold) / "fold.json")

    @classmethod
    def is_finished(cls, member: str, fold: int, prepared: str) -> bool:
        """Return whether a fold is trained on these rows; else it may have seen validation rows."""
        run = cls.load(member, fold)
        return run is not None and run.finished and run.prepared == prepared

    def save(self) -> None:
        """Write the record into the run's folder."""
        self.write(self.folder(self.member, self.fold) / "fold.json")


@dataclass(frozen=True)
class CrossValidation(Record):
    """The blend's score on out-of-fold predictions.

    Args:
        direction: `maximize` or `minimize`.
        threshold: the probability from which on two classes are a yes.
        folds: the score of each fold that is trained, in their order.
        cut_points: of ordered classes, the mean class from which on a row is of the next one.
    """

    metric: str
    score: float
    direction: str
    rows: int
    threshold: float
    folds: list[float]
    cut_points: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class MemberScore(Record):
    """A member's out-of-fold score, the folds that are trained, and its weight in the blend."""

    score: float
    folds: list[float]
    trained: list[int]
    weight: float


@dataclass(frozen=True)
class Scores(Record):
    """What `compete predict` scored: `reports/metrics.json`."""

    cv: CrossValidation
    members: dict[str, MemberScore]

    @property
    def blended(self) -> int:
        """The number of members that have a weight in the blend."""
        return sum(one.weight > 0 for one in self.members.values())

    @classmethod
    def load(cls) -> "Scores | None":
        """Read the scores, None before anything was predicted."""
        return cls.read(SCORES)


Line = TypeVar("Line")  # a dataclass


def read_lines(path: Path, kind: type[Line], what: str) -> list[Line]:
    """Return the records of a file with one in each line, none where there is no file.

    Args:
        path: of the file.
        kind: the dataclass of a record.
        what: a line is, to be named.

    Raises:
        Fault: a line is none.
    """
    if not path.exists():
        return []
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found.append(make_typed(kind, json.loads(line)))
        except ValueError as error:
            raise Fault(
                f"Line {number} of {path} is not {what} ({error}).",
                f"Fix it, or restore the file with `git checkout {path.as_posix()}`.",
            ) from None
    return found


def write_lines(path: Path, records: Iterable[Any]) -> None:
    """Write dataclasses as JSON, one in each line, whole or not at all."""
    lines = (json.dumps(asdict(record), ensure_ascii=False) for record in records)
    write_text(path, "".join(line + "\n" for line in lines))
