"""Scores of every metric, through the official client, against scikit-learn's own functions."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats
from sklearn import metrics
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression
from sklearn.naive_bayes import GaussianNB

Score = Callable[[Any, Any], float]


def _wine(probability: bool) -> tuple[Any, Any]:
    data = load_wine()
    model = GaussianNB(var_smoothing=0.1).fit(data.data[::2], data.target[::2])
    guess = model.predict_proba(data.data) if probability else model.predict(data.data)
    return data.target, guess


def _cancer(probability: bool) -> tuple[Any, Any]:
    data = load_breast_cancer()
    model = RandomForestClassifier(5, max_depth=2, random_state=0)
    model.fit(data.data[::9], data.target[::9])
    guess = model.predict_proba(data.data)[:, 1] if probability else model.predict(data.data)
    return data.target, guess


def _diabetes() -> tuple[Any, Any]:
    data = load_diabetes()
    guess = LinearRegression().fit(data.data[::2], data.target[::2]).predict(data.data)
    return data.target, np.clip(guess, 0, None)


def _covariance_with_ranks(truth: Any, guess: Any) -> float:
    """The normalized Gini index, as a share of covariances (Lerman and Yitzhaki, 1984)."""
    found, best = (np.cov(truth, stats.rankdata(values))[0, 1] for values in (guess, truth))
    return float(found / best)


SINGLE: dict[str, tuple[tuple[Any, Any], Score]] = {
    "Categorization Accuracy": (_wine(False), metrics.accuracy_score),
    "F-Score (Macro)": (_wine(False), lambda t, p: metrics.f1_score(t, p, average="macro")),
    "micro_f1": (_wine(False), lambda t, p: metrics.f1_score(t, p, average="micro")),
    "Quadratic Weighted Kappa": (
        _wine(False),
        lambda t, p: metrics.cohen_kappa_score(t, p, weights="quadratic"),
    ),
    "F1 Score": (_cancer(False), metrics.f1_score),
    "Area Under Receiver Operating Characteristic Curve": (_cancer(True), metrics.roc_auc_score),
    "Log Loss": (_cancer(True), metrics.log_loss),
    "Root Mean Squared Error": (_diabetes(), metrics.root_mean_squared_error),
    "Root Mean Squared Logarithmic Error": (
        _diabetes(),
        lambda t, p: metrics.root_mean_squared_error(np.log1p(t), np.log1p(p)),
    ),
    "Mean Absolute Error": (_diabetes(), metrics.mean_absolute_error),
    "R2 Score": (_diabetes(), metrics.r2_score),
    "Mean Squared Log Error": (_diabetes(), metrics.mean_squared_log_error),
    "Median Absolute Error": (_diabetes(), metrics.median_absolute_error),
    "Mean Absolute Percentage Error": (_diabetes(), metrics.mean_absolute_percentage_error),
    "SMAPE": (_diabetes(), lambda t, p: np.mean(200 * np.abs(t - p) / (t + p))),
    "RMSPE": (_diabetes(), lambda t, p: np.mean(((t - p) / t) ** 2) ** 0.5),
    "Pearson Correlation Coefficient": (_diabetes(), lambda t, p: stats.pearsonr(t, p).statistic),
    "SpearmanR": (_diabetes(), lambda t, p: stats.spearmanr(t, p).statistic),
    "Normalized Gini Index": (_diabetes(), _covariance_with_ranks),
    "Average Precision": (_cancer(True), metrics.average_precision_score),
    "Balanced Accuracy Score": (_wine(False), metrics.balanced_accuracy_score),
    "Matthews Correlation Coefficient": (_wine(False), metrics.matthews_corrcoef),
    "unweighted_kappa": (_wine(False), metrics.cohen_kappa_score),
}


@pytest.mark.parametrize("metric", SINGLE)
def test_scores_of_one_column_are_those_of_scikit_learn(
    playing: Any, tmp_path: Path, make_solution: Any, metric: str
) -> None:
    (truth, guess), score = SINGLE[metric]
    submission = pl.DataFrame({"guess": guess}).with_row_index("id")
    got = _submit(playing, tmp_path, metric, make_solution("id", guess=truth), submission)
    _assert_scores(got, score, truth, guess)


def test_class_probabilities_are_scored_against_class_names(
    playing: Any, tmp_path: Path, make_solution: Any
) -> None:
    truth, guess = _wine(True)
    names = np.array(["sort_a", "sort_b", "sort_c"])
    submission = pl.DataFrame(guess, schema=list(names)).with_row_index("id")
    solution = make_solution("id", sort=names[truth])
    got = _submit(playing, tmp_path, "Multiclass Loss", solution, submission)
    _assert_scores(got, metrics.log_loss, truth, guess)


def test_columnwise_auc_is_the_mean_over_the_columns(
    playing: Any, tmp_path: Path, make_solution: Any
) -> None:
    truth, guess = _wine(True)
    columns = {f"sort_{i}": (truth == i).astype(int) for i in range(3)}
    submission = pl.DataFrame(guess, schema=list(columns)).with_row_index("id")
    metric = "Mean Columnwise Area Under Receiver Operating Characteristic Curve"
    got = _submit(playing, tmp_path, metric, make_solution("id", **columns), submission)
    one_hot = np.stack(list(columns.values()), axis=1)
    _assert_scores(got, metrics.roc_auc_score, one_hot, guess)


def test_columnwise_log_loss_of_several_labels(
    playing: Any, tmp_path: Path, make_solution: Any
) -> None:
    truth, guess = _wine(True)
    labels = np.stack([truth > 0, truth > 1], axis=1).astype(int)
    chances = np.stack([guess[:, 1:].sum(axis=1).clip(0, 1), guess[:, 2]], axis=1)
    names = ["at_least_b", "at_least_c"]
    solution = make_solution("id", **dict(zip(names, labels.T, strict=True)))
    submission = pl.DataFrame(chances, schema=names).with_row_index("id")
    got = _submit(playing, tmp_path, "Mean Columnwise Log Loss", solution, submission)

    def mean_loss(t: Any, p: Any) -> float:
        return float(np.mean([metrics.log_loss(t[:, i], p[:, i]) for i in range(2)]))

    _assert_scores(got, mean_loss, labels, chances)


def test_map_at_3_rewards_the_true_class_by_its_place(
    playing: Any, tmp_path: Path, make_solution: Any
) -> None:
    solution = make_solution("id", sort=["a", "b", "c", "a", "b", "c"])
    rankings = ["a b c", "a b c", "a b c", "b a c", "a c b", "b d e c"]
    submission = pl.DataFrame({"sort": rankings}).with_row_index("id")
    got = _submit(playing, tmp_path, "MAP@3", solution, submission)
    assert float(got.public_score) == pytest.approx((1 + 1 / 2) / 2, abs=1e-5)
    assert float(got.private_score) == pytest.approx((1 / 2 + 1 / 3 + 1 / 3 + 0) / 4, abs=1e-5)


def test_rows_and_columns_may_come_in_any_order(
    playing: Any, tmp_path: Path, make_solution: Any
) -> None:
    truth, guess = _wine(True)
    names = ["0", "1", "2"]
    submission = pl.DataFrame(guess, schema=names).with_row_index("id")
    shuffled = submission.sample(fraction=1, shuffle=True, seed=1).select("2", "id", "0", "1")
    solution = make_solution("id", sort=truth)
    got = _submit(playing, tmp_path, "log_loss", solution, shuffled, sample=submission)
    _assert_scores(got, metrics.log_loss, truth, guess)


def _submit(
    playing: Any,
    tmp_path: Path,
    metric: str,
    solution: pl.DataFrame,
    submission: pl.DataFrame,
    sample: pl.DataFrame | None = None,
) -> Any:
    path = tmp_path / "submission.csv"
    submission.write_csv(path)
    if sample is None:
        sample = submission
    settings = {"metric": metric, "reveal_private": True}
    with playing(solution=solution, sample=sample, **settings) as (_, api, _folder):
        api.competition_submit(str(path), "a guess", "wines", quiet=True)
        (found,) = api.competition_submissions("wines")
    assert found.status.name == "COMPLETE", found.error_description
    return found


def _assert_scores(got: Any, score: Score, truth: Any, guess: Any) -> None:
    public = np.arange(len(truth)) % 3 == 0
    assert got.public_score == f"{score(truth[public], guess[public]):.5f}"
    assert got.private_score == f"{score(truth[~public], guess[~public]):.5f}"
