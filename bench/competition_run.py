"""A generated project in a practice competition, and how its predictions are scored.

The metrics are the practice Kaggle's, which are scikit-learn's, and not the engine's own.
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

from bench.project import Project, make_project, run_pipeline

Predictions = dict[str, Any]  # by the id of the row: a label, a probability, or a value


@dataclass(frozen=True)
class Entry:
    """The predictions of one approach.

    Args:
        name: of the approach.
        oof: of the training rows, out of fold.
        test: of the test rows.
        seconds: until the folds were trained and predicted.
    """

    name: str
    oof: Predictions
    test: Predictions
    seconds: float


@dataclass(frozen=True)
class Result:
    """A row of the page: the scores of one approach."""

    task: str
    competition: str
    metric: str
    name: str
    oof: float
    test: float
    seconds: float


@dataclass(frozen=True)
class CompetitionRun:
    """A project that has prepared the data of a practice competition and assigned the folds.

    Args:
        task: the project's task.
        project: the project.
        practice: the practice folder.
        slug: of the competition.
        metric: of the competition.
        target: the column to predict.
    """

    task: str
    project: Project
    practice: Path
    slug: str
    metric: Metric
    target: str

    @property
    def train(self) -> pl.DataFrame:
        """The training rows with their `fold`."""
        return pl.read_parquet(self.project.path / "data/processed/train.parquet")

    @property
    def test(self) -> pl.DataFrame:
        """The test rows, as competitors get them."""
        return pl.read_csv(self.practice / "data/test.csv")

    def train_and_predict(self) -> float:
        """Train and predict with the project; return the seconds."""
        for folder in ("runs", "predictions"):  # of an earlier run in a work folder that is kept
            shutil.rmtree(self.project.path / folder, ignore_errors=True)
        start = time.perf_counter()
        self.project.run("compete", "train")
        self.project.run("compete", "predict")
        return time.perf_counter() - start

    def run_template(self) -> Entry:
        """Train and predict with the project, timed; return the blend's predictions."""
        seconds = self.train_and_predict()
        oof = pl.read_parquet(self.project.path / "predictions/blend/oof.parquet")
        outputs = oof.select(pl.col("^p_.*$"))
        predictions = outputs.to_series(-1).to_list()
        if self.metric.kind == "label":
            names = [name.removeprefix("p_") for name in outputs.columns]
            predictions = [names[index] for index in outputs.to_numpy().argmax(axis=1)]
        submission = pl.read_csv(self.project.path / "submissions/submission.csv")
        return Entry(
            "this template",
            _by_id(oof["id"], predictions),
            _by_id(submission["id"], submission[self.target]),
            seconds,
        )

    def score(self, entry: Entry) -> Result:
        """Return the out-of-fold and the test score of an entry.

        Raises:
            ValueError: it does not predict all rows.
        """
        train = self.train
        known = train[self.target]
        if self.metric.kind == "probability":
            known = (known == known.max()).cast(pl.Float64)
        solution = pl.read_csv(self.practice / "private/solution.csv")
        targets = (_by_id(train["id"], known), _by_id(solution["id"], solution[self.target]))
        oof, test = map(self._score, targets, (entry.oof, entry.test))
        labels = (self.task, self.slug, self.metric.name, entry.name)
        return Result(*labels, oof, test, entry.seconds)

    def _score(self, targets: Predictions, predictions: Predictions) -> float:
        if targets.keys() != predictions.keys():
            raise ValueError(f"{len(predictions)} of {len(targets)} rows are predicted.")
        kind = str if self.metric.kind == "label" else float
        pairs = [(kind(targets[row]), kind(predictions[row])) for row in targets]
        true, predicted = np.array(pairs, dtype=object if kind is str else float).T
        return compute(self.metric, true[:, None], predicted[:, None])


def prepare_run(
    work: Path, task: str, name: str, make: Callable[[Path], Path], changes: dict[str, Any]
) -> CompetitionRun:
    """Make a practice competition and a project for it, up to its folds.

    Args:
        work: the folder to work in.
        task: the project's task.
        name: of the practice folder.
        make: writes the practice folder.
        changes: keys of the project's params.yaml with new values.
    """
    practice = make(work / "practice" / name)
    settings = yaml.safe_load((practice / "competition.yaml").read_text(encoding="utf-8"))
    project = make_project(work, changes, task=task, competition=settings["slug"])
    run_pipeline(project, practice, ["prepare"])
    metric = find_metric(settings["metric"])
    target = settings["target_columns"][0]
    return CompetitionRun(task, project, practice, settings["slug"], metric, target)


def _by_id(ids: pl.Series, values: Any) -> Predictions:
    return dict(zip(ids.cast(pl.String), values, strict=True))
