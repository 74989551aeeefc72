"""How targets are read, weighed and scaled: small cases by hand."""

import polars as pl
import pytest
import torch

from compete.errors import Fault

from .cases import Make, make_case

WEIGHTS = {"classification": [2 / 3, 4 / 3, 4 / 3], "multilabel": [1.0, 1.0]}


@pytest.mark.parametrize("kind", WEIGHTS)
def test_rare_classes_and_labels_weigh_more(contract: Make, kind: str) -> None:
    case = make_case(kind, contract)
    weight = case.problem.target_stats(case.targets, class_weights=True).weight
    assert weight.tolist() == pytest.approx(WEIGHTS[kind])
    alike = case.problem.target_stats(case.targets, class_weights=False).weight
    assert set(alike.tolist()) == {1.0}


def test_a_label_that_hardly_occurs_does_not_weigh_without_end(contract: Make) -> None:
    problem = make_case("multilabel", contract).problem
    targets = torch.zeros(1000, 2)
    targets[0, 0] = 1
    assert problem.target_stats(targets, class_weights=True).weight.tolist() == [100, 100]


def test_classes_are_numbered_in_the_contracts_order(contract: Make) -> None:
    case = make_case("classification", contract)
    assert case.targets.tolist() == [2, 0, 1, 0]
    assert case.problem.output_names == ["a", "b", "c"]
    assert sorted(case.problem.rare_classes(case.table, 2)) == [("b", 1), ("c", 1)]
    assert case.problem.strata(case.table, 2).tolist() == [0, 1, 2, 1]


def test_labels_in_one_column_are_read_as_words(contract: Make) -> None:
    words = {"target_columns": ["tags"], "classes": ["scab", "rust"]}
    problem = make_case("multilabel", contract, **words).problem
    table = pl.DataFrame({"tags": ["rust scab", "rust", "healthy"]})
    assert problem.targets(table).tolist() == [[1, 1], [0, 1], [0, 0]]


@pytest.mark.parametrize("metric", ["rmse", "rmsle"])
def test_values_are_standardized_and_come_back(contract: Make, metric: str) -> None:
    problem = make_case("regression", contract, metric=metric, target_columns=["s"]).problem
    targets = torch.tensor([[0.0], [1.0], [3.0], [100.0]])
    stats = problem.target_stats(targets, class_weights=False)
    standard = problem.standardize(targets, stats)
    assert standard.mean().item() == pytest.approx(0, abs=1e-6)
    assert standard.std().item() == pytest.approx(1)
    torch.testing.assert_close(problem.predictions(standard, stats), targets)
    if metric == "rmsle":
        assert stats.mean.item() == pytest.approx(targets.log1p().mean().item())
        assert problem.predictions(-100 * torch.ones(1, 1), stats).item() == 0


def test_equal_values_do_not_divide_by_zero(contract: Make) -> None:
    problem = make_case("regression", contract).problem
    targets = torch.ones(4, 2)
    stats = problem.target_stats(targets, class_weights=False)
    assert problem.loss(torch.zeros(4, 2), targets, stats).item() == 0


def test_absolute_errors_are_trained_on_where_they_are_scored(contract: Make) -> None:
    far = torch.tensor([[10.0, 0.0]])
    losses = {}
    for metric in ("rmse", "mae"):
        case = make_case("regression", contract, metric=metric)
        stats = case.problem.target_stats(case.targets, class_weights=False)
        near = case.problem.standardize(case.targets, stats)[:1]
        losses[metric] = case.problem.loss(near + far, case.targets[:1], stats).item()
    assert losses == pytest.approx({"rmse": 50.0, "mae": 5.0})


def test_a_quantile_is_what_the_loss_of_its_metric_is_least_at(contract: Make) -> None:
    case = make_case("regression", contract, metric="quantile_0.9", target_columns=["s"])
    targets = torch.arange(100.0)[:, None]
    stats = case.problem.target_stats(targets, class_weights=False)
    tried = [torch.full((100, 1), float(value)) for value in range(100)]
    losses = [
        case.problem.loss(case.problem.standardize(value, stats), targets, stats).item()
        for value in tried
    ]
    assert 89 <= losses.index(min(losses)) <= 91
    scores = [case.problem.contract.scoring.score(value, targets) for value in tried]
    assert losses == pytest.approx([2 * s / stats.std.item() for s in scores], rel=1e-4)


@pytest.mark.parametrize("metric", ["rmsle", "msle", "smape", "mape", "rmspe"])
def test_what_is_trained_on_logarithms_has_no_targets_below_zero(
    contract: Make, metric: str
) -> None:
    problem = make_case("regression", contract, metric=metric).problem
    with pytest.raises(Fault, match=rf"By {metric} .* below zero"):
        problem.target_stats(torch.tensor([[1.0, -2.0]]), class_weights=False)


@pytest.mark.parametrize(
    ("changes", "cells", "one"),
    [
        ({}, "name", False),
        ({"prediction": "ranking", "metric": "map_at_3"}, "names", False),
        ({"prediction": "probability", "metric": "auc"}, "number", False),
        (
            {"prediction": "probability", "submission_columns": ["id", "a", "b", "c"]},
            "number",
            True,
        ),
    ],
)
def test_what_a_cell_of_the_submission_holds(
    contract: Make, changes: dict[str, object], cells: str, one: bool
) -> None:
    problem = make_case("classification", contract, **changes).problem
    assert (problem.cells, problem.sums_to_one) == (cells, one)
