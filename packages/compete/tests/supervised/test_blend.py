"""The weights of an ensemble come from out-of-fold predictions, and never make it worse."""

import numpy as np
import pytest
import torch
from torch import Tensor

from compete.metrics import get_metric
from compete.supervised.blend import fit_weights, make_blender


def members(seed: int) -> tuple[list[Tensor], Tensor]:
    """Three members that know something, each by its own errors, and one that knows nothing."""
    generator = torch.Generator().manual_seed(seed)
    targets = torch.randint(3, (400,), generator=generator)
    known = torch.nn.functional.one_hot(targets, 3).float()
    noise = [torch.randn(400, 3, generator=generator) for _ in range(4)]
    made = [(a * known + n).softmax(1) for a, n in zip((2.0, 1.5, 1.0, 0.0), noise, strict=True)]
    return made, targets


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["accuracy", "log_loss", "auc"])
def test_a_blend_is_a_mean_that_beats_or_equals_its_best_member(name: str, seed: int) -> None:
    metric = get_metric(name)
    predictions, targets = members(seed)
    weights = fit_weights(predictions, targets, metric)
    assert weights.sum() == pytest.approx(1)
    assert (weights >= 0).all()
    blend = torch.stack([w * p for w, p in zip(weights, predictions, strict=True)]).sum(dim=0)
    scores = [metric.score(p, targets) for p in predictions]
    best = max(scores) if metric.maximize else min(scores)
    assert not metric.better(best, metric.score(blend, targets))


def test_members_with_errors_of_their_own_are_mixed() -> None:
    metric = get_metric("log_loss")
    predictions, targets = members(0)
    assert (fit_weights(predictions, targets, metric) > 0).sum() > 1


@pytest.mark.parametrize("seed", range(3))
def test_a_member_that_helps_only_with_a_small_weight_has_one(seed: int) -> None:
    """Equal shares of a cautious and of a very confident member are worse than the former alone."""
    metric = get_metric("accuracy")
    predictions, targets = members(seed)
    confident = (4 * predictions[2].log()).softmax(dim=1)
    pair = [predictions[0], confident]
    alone, equal = (metric.score(p, targets) for p in (pair[0], (pair[0] + pair[1]) / 2))
    assert metric.better(alone, equal)
    weights = fit_weights(pair, targets, metric)
    assert 0 < weights[1] < 0.5
    blend = weights[0] * pair[0] + weights[1] * pair[1]
    assert metric.score(blend, targets) > alone + 0.01


def test_of_equally_good_members_chance_leaves_out_few() -> None:
    metric, left_out = get_metric("accuracy"), 0
    for seed in range(20):
        generator = torch.Generator().manual_seed(seed)
        targets = torch.randint(2, (200,), generator=generator)
        known = 3 * torch.nn.functional.one_hot(targets, 2).float()
        shared = torch.randn(200, 2, generator=generator)
        errors = [torch.randn(200, 2, generator=generator) for _ in range(3)]
        three = [(known + shared + error).softmax(1) for error in errors]
        left_out += fit_weights(three, targets, metric).min() == 0
    assert left_out <= 4  # the weights that are best for all rows at once: 9


def test_as_many_equal_members_as_one_likes_share_the_weight() -> None:
    generator = torch.Generator().manual_seed(0)
    targets = torch.randn(400, 1, generator=generator)
    many = [targets + torch.randn(400, 1, generator=generator) for _ in range(40)]
    weights = fit_weights(many, targets, get_metric("rmse"))
    assert weights.sum() == pytest.approx(1)
    assert weights.max() < 0.1


def test_rows_without_a_rare_class_are_no_warning(recwarn: pytest.WarningsRecorder) -> None:
    generator = torch.Generator().manual_seed(0)
    targets = (torch.arange(60) == 7).long()
    pair = [torch.rand(60, 2, generator=generator).softmax(1) for _ in range(2)]
    assert fit_weights(pair, targets, get_metric("auc")).sum() == pytest.approx(1)
    assert not recwarn.list


def test_a_useless_member_is_left_out() -> None:
    metric = get_metric("log_loss")
    predictions, targets = members(0)
    spoiled = [predictions[0], 1 - predictions[0]]
    weights = fit_weights(spoiled, targets, metric)
    assert weights.tolist() == [1, 0]


def test_a_single_member_has_all_the_weight() -> None:
    metric = get_metric("accuracy")
    predictions, targets = members(0)
    weights = fit_weights(predictions[:1], targets, metric)
    assert np.array_equal(weights, [1.0])


def test_of_strings_the_one_is_taken_that_the_others_agree_with_most() -> None:
    blend = make_blender(
        [
            ["le chat est assis", "oui", ""],
            ["un chien court", "oui", "rien"],
            ["le chat est parti", "non", "rien"],
        ]
    )
    assert blend(np.array([0.4, 0.3, 0.3])) == ["le chat est assis", "oui", "rien"]
    assert blend(np.array([0.1, 0.8, 0.1])) == ["un chien court", "oui", "rien"]


def test_a_member_of_strings_that_knows_nothing_is_left_out() -> None:
    metric = get_metric("chrf")
    targets = ["le chat est assis", "un chien court vite", "il pleut"]
    guesses = [["rien du tout"] * 3, targets, [text[:-2] for text in targets]]
    weights = fit_weights(guesses, targets, metric)
    assert weights.tolist() == [0, 1, 0]


def test_a_blend_of_equal_probabilities_is_that_probability() -> None:
    for count in range(2, 21):
        ones = [torch.ones(4, 2) for _ in range(count)]
        blend = make_blender(ones)(np.full(count, 1 / count))
        assert torch.equal(torch.as_tensor(blend), torch.ones(4, 2, dtype=torch.double))
