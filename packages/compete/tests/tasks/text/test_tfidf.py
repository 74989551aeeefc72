"""TF-IDF with a linear model: scikit-learn's predictions, and nothing from rows it never saw."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_model, save_file
from samples import sentence
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline, make_union
from torch import Tensor

from compete.contract import Contract
from compete.problems import Problem, get_problem
from compete.problems.base import TargetStats
from compete.tasks.text.tfidf import Row, TfIdf

Make = Callable[..., Contract]
KINDS = ("calm", "fire", "flood")
L2 = 0.2
ROWS: list[Row] = [(sentence(KINDS[i % 3], i),) for i in range(60)]
CLASSES = torch.arange(60) % 3


@pytest.fixture
def classes(contract: Make) -> Problem:
    return get_problem(contract(classes=list(KINDS)))


@pytest.fixture
def labels(contract: Make) -> Problem:
    names = ["fire", "wet"]
    columns = {"target_columns": names, "submission_columns": ["id", *names]}
    return get_problem(contract(problem="multilabel", metric="auc", classes=names, **columns))


@pytest.fixture
def values(contract: Make) -> Problem:
    names = ["s", "t"]
    columns = {"target_columns": names, "submission_columns": ["id", *names]}
    kind = {"problem": "regression", "metric": "rmsle", "prediction": "value", "classes": []}
    return get_problem(contract(**kind, **columns))


def fitted(problem: Problem, rows: list[Row], targets: Tensor, **options: Any) -> TfIdf:
    """A model that has learned the rows."""
    kinds = options.get("kinds", ["text"] * len(rows[0]))
    model = TfIdf(problem, kinds, options.get("l2", L2))
    stats = problem.target_stats(targets, class_weights=False)
    weight = options.get("weight", stats.weight)
    folds = options.get("folds", np.arange(len(rows)) % 4)
    model.fit(rows, targets, folds, TargetStats(stats.mean, stats.std, weight))
    return model


def terms(model: TfIdf) -> list[list[str]]:
    """The n-grams of each block."""
    found: list[list[str]] = json.loads(model.vocabulary.numpy().tobytes())
    return found


def by_scikit_learn(estimator: Any, targets: Any) -> Any:
    """A pipeline of scikit-learn that has learned the first 40 rows."""
    parts = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True)
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    return make_pipeline(make_union(parts, words), estimator).fit(_texts(ROWS[:40]), targets)


def _texts(rows: list[Row]) -> list[str]:
    return [row[0] for row in rows]


def test_probabilities_of_classes_are_those_of_scikit_learn(classes: Problem) -> None:
    weight = torch.tensor([0.5, 1.0, 3.0])
    model = fitted(classes, ROWS[:40], CLASSES[:40], weight=weight)
    balance = dict(enumerate(weight.tolist()))
    logistic = LogisticRegression(C=1 / L2, max_iter=1000, class_weight=balance)
    expected = by_scikit_learn(logistic, CLASSES[:40].numpy())
    found = model(ROWS[40:]).softmax(dim=1)
    assert found.argmax(dim=1).tolist() == CLASSES[40:].tolist()
    np.testing.assert_allclose(found, expected.predict_proba(_texts(ROWS[40:])), atol=1e-4)


def test_two_classes_have_a_logit_each(contract: Make) -> None:
    targets = (CLASSES == 1).long()
    model = fitted(get_problem(contract()), ROWS[:40], targets[:40])
    expected = by_scikit_learn(LogisticRegression(C=1 / L2, max_iter=1000), targets[:40].numpy())
    found = model(ROWS[40:]).softmax(dim=1)
    np.testing.assert_allclose(found, expected.predict_proba(_texts(ROWS[40:])), atol=1e-4)


def test_each_label_is_one_against_the_rest(labels: Problem) -> None:
    targets = torch.stack([CLASSES == 1, CLASSES == 2], dim=1).float()
    model = fitted(labels, ROWS[:40], targets[:40])
    each = OneVsRestClassifier(LogisticRegression(C=1 / L2, max_iter=1000))
    expected = by_scikit_learn(each, targets[:40].numpy())
    found = model(ROWS[40:]).sigmoid()
    np.testing.assert_allclose(found, expected.predict_proba(_texts(ROWS[40:])), atol=1e-4)
    heavy = fitted(labels, ROWS[:40], targets[:40], weight=torch.tensor([9.0, 1.0]))
    assert (heavy(ROWS[40:])[:, 0] > model(ROWS[40:])[:, 0]).all()


def test_values_are_learned_on_the_scale_of_the_loss(values: Problem) -> None:
    wanted = torch.stack([10.0 ** (1 + CLASSES), 1.0 * CLASSES], dim=1)
    stats = values.target_stats(wanted[:40], class_weights=False)
    targets = values.standardize(wanted[:40], stats)
    model = fitted(values, ROWS[:40], wanted[:40])
    expected = by_scikit_learn(Ridge(L2), targets.numpy()).predict(_texts(ROWS[40:]))
    found = model(ROWS[40:])
    np.testing.assert_allclose(found, expected, atol=1e-3)
    predictions = values.predictions(found, stats)
    assert (predictions >= 0).all()
    assert (predictions.log1p() - wanted[40:].log1p()).abs().mean() < 0.6


def test_n_grams_are_those_of_the_training_rows(classes: Problem) -> None:
    model = fitted(classes, ROWS[:40], CLASSES[:40])
    characters, words = terms(model)
    assert {"tea", "smoke", "water", "39"} <= set(words)
    assert not {"40", "55", "59"} & set(words)
    assert {" 39 ", "smok"} <= set(characters)
    assert not {" 40 ", " 55 ", " 59 "} & set(characters)
    assert torch.equal(model([("",)])[0], model.bias)
    unknown = model([("ωωω жжж",), ("ω",)])
    assert torch.equal(unknown[0], unknown[1]), "both are spaces around what is unknown"


def test_weights_come_back_from_a_file_of_tensors(classes: Problem, tmp_path: Path) -> None:
    rows = [("north" if i % 2 else "south", *row) for i, row in enumerate(ROWS)]
    model = fitted(classes, rows[:40], CLASSES[:40], kinds=["side", "text"])
    save_file(model.state_dict(), tmp_path / "model.safetensors")
    again = TfIdf(classes, ["side", "text"], L2)
    load_model(again, tmp_path / "model.safetensors")
    assert torch.equal(again(rows), model(rows))
    assert (TfIdf(classes, ["text"], L2).is_fitted, again.is_fitted) == (False, True)
    second = fitted(classes, rows[:40], CLASSES[:40], kinds=["side", "text"])
    assert all(torch.equal(v, second.state_dict()[k]) for k, v in model.state_dict().items())


def test_each_column_has_n_grams_of_its_own_and_a_side_value_is_one(classes: Problem) -> None:
    """A word says one thing in the first of two texts and another in the second."""
    pairs = [("storm", "calm"), ("calm", "storm")] * 20
    rows: list[Row] = [(f"key {i % 2}", *pair) for i, pair in enumerate(pairs)]
    model = fitted(classes, rows, torch.arange(40) % 2, kinds=["side", "text", "text"])
    assert model(rows[:2]).argmax(dim=1).tolist() == [0, 1]
    assert terms(model)[0] == ["key 0", "key 1"]
    swapped = [("", *row[1:]) for row in rows[:2]]
    assert model(swapped).argmax(dim=1).tolist() == [0, 1]


def test_a_class_without_training_rows_is_all_but_impossible(classes: Problem) -> None:
    for there in ([0, 1], [2]):
        known = [row for row in range(60) if CLASSES[row] in there]
        model = fitted(classes, [ROWS[row] for row in known], CLASSES[known])
        found = model(ROWS).softmax(dim=1)
        assert found[:, there].sum(dim=1).min() > 0.999
        assert torch.isfinite(model(ROWS)).all()


def test_a_label_that_no_training_row_has_is_all_but_impossible(labels: Problem) -> None:
    targets = torch.stack([torch.zeros(60), torch.ones(60)], dim=1)
    found = fitted(labels, ROWS, targets)(ROWS).sigmoid()
    assert found[:, 0].max() < 1e-5
    assert found[:, 1].min() > 1 - 1e-5


@pytest.mark.parametrize("kinds", [["text"], ["text", "text"]])
def test_columns_without_any_n_gram_change_nothing(
    classes: Problem, values: Problem, kinds: list[str]
) -> None:
    rows: list[Row] = [("", *row)[-len(kinds) :] for row in ROWS]
    if kinds == ["text"]:
        rows = [("",)] * 60
    model = fitted(classes, rows, CLASSES, kinds=kinds)
    alone = fitted(classes, ROWS, CLASSES)
    expected = alone(ROWS) if len(kinds) == 2 else torch.full((60, 3), 1 / 3).log()
    torch.testing.assert_close(model(rows), expected)
    again = TfIdf(classes, kinds, L2)
    again.load_state_dict(model.state_dict())
    assert torch.equal(again(rows), model(rows))
    targets = torch.stack([CLASSES, CLASSES], dim=1).float()
    assert torch.isfinite(fitted(values, rows, targets, kinds=kinds)(rows)).all()


HOSTILE = ["🔥🔥 👩‍👩‍👧", "これは本です", "x" * 50_000, "\x00\x01", "a\r\nb\x85c"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_learned_and_predicted(classes: Problem, text: str) -> None:
    rows = [*ROWS[:3], (text,)]
    model = fitted(classes, rows, CLASSES[:4])
    again = TfIdf(classes, ["text"], L2)
    again.load_state_dict(model.state_dict())
    assert torch.equal(again(rows), model(rows))


def test_many_outputs_leave_fewer_features(contract: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compete.tasks.text.tfidf._MOST_WEIGHTS", 240)
    model = fitted(get_problem(contract(classes=list(KINDS))), ROWS, CLASSES)
    assert [len(block) for block in terms(model)] == [40, 40]


def test_the_penalty_is_what_suits_rows_that_are_held_out(classes: Problem) -> None:
    """The rows that are held out are of one fold, so that groups never cross."""
    noise = torch.from_numpy(np.random.default_rng(0).integers(0, 3, 60))
    for targets, penalty in ((noise, 1.0), (CLASSES, 0.03)):
        chosen = fitted(classes, ROWS, targets, l2="auto")
        expected = fitted(classes, ROWS, targets, l2=penalty)
        assert torch.equal(chosen.weight, expected.weight)
    spoilt = CLASSES.clone()
    spoilt[45:] = noise[45:]  # only these can be misled
    for last, penalty in ((np.arange(60) // 15, 1.0), (3 - np.arange(60) // 15, 0.03)):
        chosen = fitted(classes, ROWS, spoilt, l2="auto", folds=last)
        expected = fitted(classes, ROWS, spoilt, l2=penalty)
        assert torch.equal(chosen.weight, expected.weight)
    alike = fitted(classes, ROWS, CLASSES, l2="auto", folds=np.zeros(60, dtype=np.int64))
    assert torch.isfinite(alike.weight).all()
