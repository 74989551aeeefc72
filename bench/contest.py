"""A practice competition that a generated project enters, and the scores of all who enter it.

The metrics are the practice Kaggle's, which are scikit-learn's, and not the project's own.
"""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import yaml
from practice_kaggle.metric_names import Metric, find_metric
from practice_kaggle.metrics import compute
from project import Project, make_project, run_pipeline

Answers = dict[str, Any]  # by the id of the row: a label, a probability, or a value


@dataclass(frozen=True)
class Entry:
    """What somebody answered, for the training rows out of fold and for the hidden rows.

    Args:
        seconds: until the folds were trained and predicted.
    """

    who: str
    oof: Answers
    hidden: Answers
    seconds: float


@dataclass(frozen=True)
class Result:
    """A row of the page."""

    task: str
    competition: str
    metric: str
    who: str
    oof: float
    hidden: float
    seconds: float


@dataclass(frozen=True)
class Contest:
    """A practice competition, and the project that prepared its data and cut the folds."""

    task: str
    project: Project
    practice: Path
    title: str
    metric: Metric
    target: str

    @property
    def train(self) -> pl.DataFrame:
        """The training rows with their `fold`."""
        return pl.read_parquet(self.project.path / "data/processed/train.parquet")

    @property
    def test(self) -> pl.DataFrame:
        """The hidden rows, as competitors get them."""
        return pl.read_csv(self.practice / "data/test.csv")

    def ours(self) -> Entry:
        """Train and predict as users do, timed; what the blend of the members answers."""
        for folder in ("runs", "predictions"):  # of an earlier run in a work folder that is kept
            shutil.rmtree(self.project.path / folder, ignore_errors=True)
        start = time.perf_counter()
        self.project.run("compete", "train")
        self.project.run("compete", "predict")
        seconds = time.perf_counter() - start
        oof = pl.read_parquet(self.project.path / "predictions/blend/oof.parquet")
        outputs = oof.select(pl.col("^p_.*$"))
        answers = outputs.to_series(-1).to_list()
        if self.metric.kind == "label":
            names = [name.removeprefix("p_") for name in outputs.columns]
            answers = [names[index] for index in outputs.to_numpy().argmax(axis=1)]
        sent = pl.read_csv(self.project.path / "submissions/submission.csv")
        return Entry(
            "this template",
            _by_id(oof["id"], answers),
            _by_id(sent["id"], sent[self.target]),
            seconds,
        )

    def judge(self, entry: Entry) -> Result:
        """The scores of an entry."""
        train = self.train
        known = train[self.target]
        if self.metric.kind == "probability":
            known = (known == known.max()).cast(pl.Float64)
        solution = pl.read_csv(self.practice / "private/solution.csv")
        truths = (_by_id(train["id"], known), _by_id(solution["id"], solution[self.target]))
        oof, hidden = map(self._score, truths, (entry.oof, entry.hidden))
        named = (self.task, self.title, self.metric.name, entry.who)
        return Result(*named, oof, hidden, entry.seconds)

    def _score(self, truth: Answers, answers: Answers) -> float:
        if truth.keys() != answers.keys():
            raise ValueError(f"{len(answers)} rows are answered, of {len(truth)}.")
        kind = str if self.metric.kind == "label" else float
        pairs = [(kind(truth[row]), kind(answers[row])) for row in truth]
        right, answered = np.array(pairs, dtype=object if kind is str else float).T
        return compute(self.metric, right[:, None], answered[:, None])


def open_contest(
    work: Path, task: str, name: str, make: Callable[[Path], Path], changes: dict[str, Any]
) -> Contest:
    """Make the practice competition and a project that enters it, up to its folds.

    Args:
        changes: keys of the project's params.yaml with other values.
    """
    practice = make(work / "practice" / name)
    settings = yaml.safe_load((practice / "competition.yaml").read_text(encoding="utf-8"))
    project = make_project(work, changes, task=task, competition=settings["slug"])
    run_pipeline(project, practice, ["prepare"])
    metric = find_metric(settings["metric"])
    target = settings["target_columns"][0]
    return Contest(task, project, practice, settings["slug"], metric, target)


def _by_id(ids: pl.Series, values: Any) -> Answers:
    return dict(zip(ids.cast(pl.String), values, strict=True))
