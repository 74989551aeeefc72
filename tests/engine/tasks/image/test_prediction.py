"""From images to a submission: for every kind of target, and what is refused on the way."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import torch
from competitions.images import competition
from samples import write
from small import predict_again_as_on_kaggle, run_pipeline

from compete.contract import Contract
from compete.errors import Fault
from compete.files import FOLD
from compete.problems import get_problem
from compete.problems.base import TargetStats
from compete.records import FoldRun, Scores
from compete.supervised.predict import predict
from compete.supervised.prepare import prepare
from compete.tasks.image.explain import explain

TASK = "image"
Pipeline = Callable[..., Scores]
KINDS = ["abc"[row % 3] for row in range(30)]


@pytest.fixture
def pipeline(author: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    """`pipeline(labels, header, **sections)` goes from labels to a submission that is valid."""
    monkeypatch.chdir(tmp_path)

    def run(labels: list[str], header: str = "id,label", **sections: Any) -> Scores:
        competition(tmp_path, rows=len(labels), **sections)
        rows = [f"{row},{label}" for row, label in enumerate(labels)]
        write(tmp_path / "data/raw/train.csv", "\n".join([header, *rows, ""]))
        blank = ",0" * header.count(",")
        sample = [header, *(f"{row}{blank}" for row in range(6)), ""]
        write(tmp_path / "data/raw/sample_submission.csv", "\n".join(sample))
        scores: Scores = run_pipeline()
        return scores

    return run


@pytest.mark.parametrize("metric", ["rmse", "rmsle", "mae"])
def test_values_are_predicted_in_their_own_scale(pipeline: Pipeline, metric: str) -> None:
    """Values of 1,000 and more, from one epoch of a network that starts near zero."""
    labels = [f"{1000 + 100 * (row % 3) + row % 7}" for row in range(30)]
    scores = pipeline(
        labels,
        "id,price",
        competition={"metric": metric},
        data={"folds": 2},
        model={"ema": 0.0, "lr": 1e-4},
    )
    prices = pl.read_csv("submissions/submission.csv")["price"]
    assert prices.is_between(700, 1600).all()
    assert (scores.cv.metric, scores.cv.direction) == (metric, "minimize")
    assert scores.cv.score < (0.5 if metric == "rmsle" else 400)


def test_predictions_for_rmsle_are_never_negative(contract: Callable[..., Contract]) -> None:
    problem = get_problem(contract(problem="regression", metric="rmsle", classes=[]))
    stats = TargetStats(torch.zeros(1), torch.ones(1), torch.ones(1))
    assert problem.predictions(torch.tensor([[-3.0]]), stats).item() == 0


def test_several_labels_are_predicted_each(pipeline: Pipeline) -> None:
    labels = [["1,0", "0,1", "1,1"][row % 3] for row in range(30)]
    scores = pipeline(labels, "id,across,down", competition={"metric": "auto"}, data={"folds": 2})
    assert scores.cv.metric == "micro_f1"
    table = pl.read_csv("submissions/submission.csv")
    assert table.columns == ["id", "across", "down"]
    assert set(table["across"]) | set(table["down"]) <= {0, 1}
    predict_again_as_on_kaggle()


def test_the_averaged_weights_are_those_that_are_scored_and_kept(pipeline: Pipeline) -> None:
    scores = pipeline(
        KINDS,
        competition={"metric": "accuracy"},
        data={"folds": 2, "test_time_augmentation": False},
        model={"ema": 0.9},
        trainer={"max_epochs": 2},
    )
    for fold in (0, 1):
        run = FoldRun.load("base", fold)
        assert run is not None
        assert run.finished
        assert run.scores["accuracy"] == pytest.approx(scores.members["base"].folds[fold])


def test_each_row_is_explained_by_a_model_that_never_trained_on_it(pipeline: Pipeline) -> None:
    pipeline(KINDS, data={"folds": 2})
    rows = [0, 1, 2, 3]
    folds = pl.read_parquet("data/processed/train.parquet")[FOLD]
    (found,) = explain(Contract.load(), rows)
    by_fold = sorted(rows, key=lambda row: (folds[row], row))
    titles = [title for title, _ in found.items]
    assert [title.split(":")[0] for title in titles] == [f"row {row}" for row in by_fold]
    assert all(title[-1] in "abc" for title in titles)


def test_prediction_is_refused_before_training_and_after_other_folds(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    competition(tmp_path, rows=30)
    prepare()
    with pytest.raises(Fault, match="compete train"):
        predict()
    pipeline(KINDS, data={"folds": 2})
    competition(tmp_path, rows=30, data={"folds": 3})
    prepare()  # the models have seen what these folds hold out
    with pytest.raises(Fault, match="compete train"):
        predict()
