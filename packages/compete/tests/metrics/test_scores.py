"""Every metric gives another library's value, and knows its direction."""

import numpy as np
import pytest
import torch

from compete.errors import Fault
from compete.metrics import METRICS, find_metric, get_metric

from .cases import CASES, P, Y


@pytest.mark.parametrize("case", CASES)
def test_the_value_is_that_of_scikit_learn(case: str) -> None:
    name, predictions, targets, expected = CASES[case]
    score = get_metric(name).score
    found = score(torch.from_numpy(predictions), torch.from_numpy(targets))
    assert found == pytest.approx(float(expected(predictions, targets)), abs=1e-5)


def test_every_metric_is_compared() -> None:
    compared = {case[0] for case in CASES.values()}
    texts = {name for name, metric in METRICS.items() if metric.prediction == "text"}
    assert set(METRICS) - compared == texts == {"bleu", "chrf", *ERRORS}


SENTENCES = ["The cat sat on the mat.", "Où est le café aujourd'hui ?", "Hello, cruel world!"]
GUESSES = ["A cat sat on the mat.", "Où est café aujourd'hui ?", "Hello, cruel world!"]


def test_strings_are_scored_as_torchmetrics_scores_them() -> None:
    from torchmetrics.functional.text import chrf_score, sacre_bleu_score

    targets = [[sentence] for sentence in SENTENCES]
    expected = {
        "bleu": 100 * sacre_bleu_score(GUESSES, targets).item(),
        "chrf": 100 * float(chrf_score(GUESSES, targets, n_word_order=0)),  # type: ignore[arg-type]
    }
    for name, value in expected.items():
        score = get_metric(name).score
        assert score(GUESSES, SENTENCES) == pytest.approx(value, abs=0.1)
        assert score(SENTENCES, SENTENCES) == pytest.approx(100, abs=0.01)
        assert score([*GUESSES, ""], [*SENTENCES, "not said"]) < score(GUESSES, SENTENCES)


ERRORS = {  # of GUESSES: in characters The > A, le gone; in words 1 of 6, 1 of 6, 0 of 3
    "levenshtein": (3 + 3 + 0) / 3,
    "word_error_rate": (1 + 1 + 0) / (6 + 6 + 3),
    "character_error_rate": (3 + 3 + 0) / (23 + 28 + 19),
}


@pytest.mark.parametrize("name", ERRORS)
def test_edits_of_texts_are_counted(name: str) -> None:
    score = get_metric(name).score
    assert score(SENTENCES, SENTENCES) == 0
    assert score(GUESSES, SENTENCES) == pytest.approx(ERRORS[name], abs=1e-5)


def test_a_certain_wrong_prediction_costs_much_and_not_infinitely() -> None:
    score = get_metric("log_loss").score
    assert 30 < score(torch.tensor([[1.0, 0.0]]), torch.tensor([1])) < 40


def test_errors_are_minimized_and_all_else_maximized() -> None:
    for name, predictions, targets, _ in CASES.values():
        metric = get_metric(name)
        if metric.prediction == "label" and targets.ndim == 2:  # of rows without labels, F1 is 0
            predictions, targets = predictions[targets.any(1)], targets[targets.any(1)]
        right = np.eye(predictions.shape[1])[targets] if targets.ndim == 1 else targets
        found, best = (
            metric.score(torch.from_numpy(p), torch.from_numpy(targets))
            for p in (predictions, right.astype(predictions.dtype))
        )
        assert metric.better(best, found), name
        assert best == pytest.approx(best if name == "gini" else float(metric.maximize)), name
    assert {name for name in ERRORS if get_metric(name).maximize} == set()
    assert METRICS["rmse"].better(1.0, 2.0)
    assert METRICS["auc"].better(0.9, 0.8)
    assert not METRICS["auc"].better(0.8, 0.8)


def test_negative_targets_are_refused_for_rmsle() -> None:
    with pytest.raises(Fault, match="rmsle needs targets of zero or more"):
        get_metric("rmsle").score(torch.ones(2, 1), -torch.ones(2, 1))


def test_plain_f1_is_refused_for_many_classes() -> None:
    with pytest.raises(Fault, match=r"f1 needs two classes.*macro_f1"):
        get_metric("f1").score(torch.from_numpy(P), torch.from_numpy(Y))


@pytest.mark.parametrize("name", ["fbeta_2", "iou"])
def test_so_are_other_metrics_of_two_classes(name: str) -> None:
    with pytest.raises(Fault, match=f"{name} needs two classes"):
        get_metric(name).score(torch.from_numpy(P), torch.from_numpy(Y))


@pytest.mark.parametrize("name", ["pearson", "spearman", "normalized_gini"])
def test_a_constant_prediction_earns_nothing_and_is_no_error(name: str) -> None:
    score = get_metric(name).score
    assert score(torch.ones(4, 1), torch.tensor([[1.0], [2], [1], [2]])) < 0.5
    assert score(torch.tensor([[1.0], [2]]), torch.ones(2, 1)) == 0


def test_a_share_of_nothing_is_refused() -> None:
    with pytest.raises(Fault, match="rmspe needs targets other than zero"):
        get_metric("rmspe").score(torch.ones(2, 1), torch.zeros(2, 1))


def test_a_metric_of_a_number_is_one_and_the_same() -> None:
    metric = get_metric("map_at_7")
    assert (metric.name, metric.prediction, metric.top) == ("map_at_7", "ranking", 7)
    assert metric is find_metric("MAP@7")
    assert get_metric("quantile_0.90") is get_metric("quantile_0.9")
    assert get_metric("quantile_0.9").quantile == 0.9


def test_auc_leaves_out_what_does_not_occur() -> None:
    targets = torch.tensor([[0, 0], [1, 0], [1, 0], [0, 0]])
    predictions = torch.tensor([[0.1, 0.5], [0.9, 0.4], [0.8, 0.3], [0.2, 0.2]])
    assert METRICS["auc"].score(predictions, targets) == 1
    classes = torch.tensor([0, 1, 1, 0])
    three = torch.cat([1 - predictions[:, :1], predictions[:, :1], torch.zeros(4, 1)], dim=1)
    assert METRICS["auc"].score(three, classes) == 1
