import copy
import math

import pytest
import torch
from torch import Tensor, nn

from compete.tasks.generative import losses
from compete.tasks.generative.contrastive import Heads, choose_places, patch_nce
from compete.tasks.generative.running import Means, average_weights


def numbers(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


class Curve(nn.Module):
    """Logits whose gradients can be written down: sum of w * x ** 2."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(numbers(3, 4, 4, seed=5))

    def forward(self, images: Tensor) -> Tensor:
        return (self.weight * images.square()).sum((1, 2, 3))


def test_the_gradient_penalty_and_its_gradient_are_those_of_the_formula() -> None:
    network, images = Curve(), numbers(2, 3, 4, 4).requires_grad_()
    penalty = losses.gradient_penalty(network(images), images)
    slopes = 2 * network.weight * images
    torch.testing.assert_close(
        penalty, slopes.square().sum((1, 2, 3)).mean(), check_dtype=False, atol=1e-5, rtol=1e-6
    )
    torch.autograd.backward(penalty)
    expected = (8 * network.weight * images.square()).mean(0).detach()
    assert network.weight.grad is not None
    torch.testing.assert_close(network.weight.grad, expected, atol=1e-5, rtol=1e-5)


def test_the_gradient_penalty_of_a_network_agrees_with_differences() -> None:
    network = nn.Sequential(nn.Conv2d(1, 3, 3), nn.Softplus(), nn.Flatten(), nn.Linear(12, 1))
    network.double()
    images = numbers(1, 1, 4, 4).requires_grad_()
    penalty = losses.gradient_penalty(network(images).squeeze(1), images)
    slopes = []
    for place in range(16):
        step = torch.zeros(16, dtype=torch.float64)
        step[place] = 1e-6
        step = step.reshape(1, 1, 4, 4)
        slopes.append((network(images + step) - network(images - step)).item() / 2e-6)
    assert penalty.item() == pytest.approx(sum(slope**2 for slope in slopes), rel=1e-5)


def test_path_lengths_are_those_of_a_linear_generator() -> None:
    styles = numbers(3, 2, 5).requires_grad_()
    matrix = numbers(10, 16, seed=1)
    images = (styles.flatten(1) @ matrix).reshape(3, 1, 4, 4)
    directions = numbers(3, 1, 4, 4, seed=2)
    lengths = losses.path_lengths(images, styles, directions)
    slopes = (directions.flatten(1) / 4 @ matrix.T).reshape(3, 2, 5)
    expected = slopes.square().sum(2).mean(1).sqrt()
    torch.testing.assert_close(lengths, expected, check_dtype=False, atol=1e-4, rtol=1e-4)


def test_losses_are_those_of_their_formulas() -> None:
    real, made = torch.tensor([1.0, -2.0]), torch.tensor([0.5, 3.0])

    def softplus(x: float) -> float:
        return math.log1p(math.exp(x))

    expected = (softplus(0.5) + softplus(3) + softplus(-1) + softplus(2)) / 2
    assert losses.discriminator_loss(real, made).item() == pytest.approx(expected)
    assert losses.generator_loss(made).item() == pytest.approx((softplus(-0.5) + softplus(-3)) / 2)
    paired = (softplus(-(1 - 0.5)) + softplus(-(-2 - 3))) / 2
    assert losses.relativistic_loss(real, made).item() == pytest.approx(paired)


def test_lazy_adam_corrects_rate_and_decays() -> None:
    group = losses.lazy_adam(nn.Linear(2, 2), 0.002, 16).param_groups[0]
    assert group["lr"] == pytest.approx(0.002 * 16 / 17)
    assert group["betas"] == pytest.approx((0.0, 0.99 ** (16 / 17)))
    plain = losses.lazy_adam(nn.Linear(2, 2), 0.002, 0).param_groups[0]
    assert (plain["lr"], plain["betas"], plain["eps"]) == (0.002, (0.0, 0.99), 1e-8)


def test_averaged_weights_follow_slowly_and_buffers_at_once() -> None:
    network = nn.BatchNorm1d(1)
    averaged = copy.deepcopy(network)
    with torch.no_grad():
        network.weight.fill_(3.0)
        network.running_mean.fill_(7.0)  # type: ignore[union-attr]
    average_weights(averaged, network, decay=0.75, batch=1000)
    assert averaged.weight.item() == pytest.approx(0.75 * 1 + 0.25 * 3)
    assert averaged.running_mean.item() == 7  # type: ignore[union-attr]
    average_weights(averaged, network, decay=0.999, batch=0)  # the first keeps a tenth alone
    assert averaged.weight.item() == pytest.approx(0.1 * 1.5 + 0.9 * 3)


def test_means_are_taken_once_and_a_loss_that_is_no_number_ends_the_training() -> None:
    from compete.errors import Fault

    means = Means()
    means.add(loss_d=torch.tensor(1.0), r1=torch.tensor(4.0))
    means.add(loss_d=torch.tensor(2.0))
    assert means.take() == {"loss_d": 1.5, "r1": 4.0}
    assert means.take() == {}
    means.add(loss_d=torch.tensor(float("nan")))
    with pytest.raises(Fault, match="diverged"):
        means.take()


def test_patch_nce_finds_each_place_among_the_places_of_its_own_image() -> None:
    generator = torch.Generator().manual_seed(0)
    keys = [nn.functional.normalize(torch.randn(2, 5, 8, generator=generator), dim=2)]
    same = patch_nce(keys, keys, temperature=0.07)
    shuffled = patch_nce([keys[0].flip(1)], keys, temperature=0.07)
    logits = keys[0] @ keys[0].transpose(1, 2) / 0.07
    expected = -torch.log_softmax(logits, 2).diagonal(dim1=1, dim2=2).mean()
    assert same.item() == pytest.approx(expected.item(), rel=1e-5)
    assert shuffled > same + 1


def test_heads_look_at_the_chosen_places_of_each_layer() -> None:
    layers = [numbers(2, 3, 4, 4).float(), numbers(2, 6, 2, 2, seed=1).float()]
    places = choose_places(layers, 10, torch.Generator().manual_seed(0))
    assert [len(set(chosen.tolist())) for chosen in places] == [10, 4]
    heads = Heads([3, 6], 7)
    vectors = heads(layers, places)
    assert [tuple(each.shape) for each in vectors] == [(2, 10, 7), (2, 4, 7)]
    row, column = divmod(int(places[0][2]), 4)
    one = nn.functional.normalize(heads.heads[0](layers[0][1, :, row, column]), dim=0)
    torch.testing.assert_close(vectors[0][1, 2], one)
