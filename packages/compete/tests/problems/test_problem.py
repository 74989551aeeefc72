"""What holds for each kind of problem."""

import polars as pl
import pytest
import torch

from compete.problems import PROBLEMS

from .cases import TEXTS, Make, make_case

NUMBERS = [kind for kind in PROBLEMS if kind != "translation"]
ANALYSIS = ["row", "target", "prediction", "correct", "confidence", "loss", "surprise"]


@pytest.mark.parametrize("kind", PROBLEMS)
def test_predictions_and_targets_are_kept_in_tables(contract: Make, kind: str) -> None:
    one = make_case(kind, contract)
    oof, given = one.oof, one.predictions
    found, targets = one.problem.predictions_of(oof), one.problem.targets_of(oof)
    score = one.problem.contract.scoring.score
    if kind == "translation":
        assert (found, targets) == (TEXTS, one.table["fr"].to_list())
        assert 0 < score(found, targets) < score(targets, targets)
        return
    torch.testing.assert_close(found, given)
    torch.testing.assert_close(targets, one.targets)
    names = [name.removeprefix("p_") for name in oof.columns if name.startswith("p_")]
    assert names == one.problem.output_names
    assert len(names) == one.problem.outputs
    best = 1 if one.problem.contract.scoring.maximize else 0
    assert score(found, targets) == pytest.approx(best, abs=0.1)


@pytest.mark.parametrize("kind", NUMBERS)
@pytest.mark.parametrize("weighted", [False, True])
def test_the_loss_falls_as_logits_get_better(contract: Make, kind: str, weighted: bool) -> None:
    one = make_case(kind, contract)
    stats = one.problem.target_stats(one.targets, class_weights=weighted)
    losses = [
        one.problem.loss(share * one.good, one.targets, stats).item()
        for share in (-1.0, 0.0, 0.3, 0.6, 1.0)
    ]
    assert losses == sorted(losses, reverse=True)
    assert len(set(losses)) == len(losses)
    assert losses[-1] < 0.01
    huge = one.problem.loss(-1e4 * one.good, one.targets, stats)
    assert huge.isfinite()
    assert one.problem.loss(one.good.requires_grad_(), one.targets, stats).requires_grad


def test_the_loss_of_texts_is_a_mean_over_tokens_that_are_no_padding(contract: Make) -> None:
    problem = make_case("translation", contract).problem
    stats = problem.target_stats(torch.empty(0), class_weights=False)
    targets = torch.tensor([[1, 2, -100], [3, -100, -100]])
    good = torch.nn.functional.one_hot(targets.clamp(min=0), 5).float()
    losses = [problem.loss(share * good, targets, stats).item() for share in (-1, 0, 1, 20)]
    assert losses == sorted(losses, reverse=True)
    assert losses[1] == pytest.approx(torch.tensor(5.0).log().item())
    assert losses[-1] < 1e-6
    assert problem.loss(20 * good, targets, stats, smoothing=0.1).item() > 0.1


@pytest.mark.parametrize("kind", NUMBERS)
def test_the_mean_of_models_is_the_mean_of_their_predictions(contract: Make, kind: str) -> None:
    one = make_case(kind, contract)
    stats = one.problem.target_stats(one.targets, class_weights=False)
    several = torch.randn(4, 3, one.problem.outputs, generator=torch.Generator().manual_seed(0))
    each = [one.problem.predictions(logits, stats) for logits in several.unbind(dim=1)]
    mean = one.problem.predictions(one.problem.mean_logits(several), stats)
    torch.testing.assert_close(mean, torch.stack(each).mean(dim=0))


@pytest.mark.parametrize("kind", PROBLEMS)
def test_every_row_is_analysed(contract: Make, kind: str) -> None:
    one = make_case(kind, contract)
    found = one.problem.analyse(one.oof)
    assert found.columns == ANALYSIS
    assert found["row"].to_list() == list(range(one.table.height))
    assert found["correct"].dtype == pl.Boolean
    assert found["loss"].is_finite().all()
    assert (found["loss"] >= 0).all()


@pytest.mark.parametrize("kind", PROBLEMS)
def test_the_submission_has_a_value_for_each_row_and_column(contract: Make, kind: str) -> None:
    one = make_case(kind, contract)
    columns = one.problem.contract.submission_columns[1:]
    made = one.problem.submission(one.predictions, columns)
    assert list(made) == columns
    assert {len(values) for values in made.values()} == {one.table.height}


@pytest.mark.parametrize("kind", PROBLEMS)
def test_the_question_and_the_folds_fit_the_rows(contract: Make, kind: str) -> None:
    one = make_case(kind, contract)
    assert "each of 4 " in one.problem.question()
    assert len(one.problem.strata(one.table, 2)) == one.table.height
    assert one.problem.statistics(one.targets).shape[0] == one.table.height
