import pytest
import torch
import torch.nn.functional as F

from compete.errors import Fault
from compete.tasks.generative.module import GanModule
from compete.tasks.generative.networks import make_discriminator, make_generator, widths
from compete.tasks.generative.networks.layers import (
    Downsample,
    EqualConv,
    ModulatedConv,
    Upsample,
)
from compete.tasks.generative.networks.stylegan2 import Generator, MinibatchDeviation
from compete.tasks.generative.networks.translator import Translator
from compete.tasks.generative.recipe import ImageFacts, make_recipe
from compete.tasks.generative.settings import LossSettings, NetworkSettings
from compete.tasks.generative.translation import TranslationModule

SMALL = {"width": 8, "max_width": 16, "latent": 12, "group_width": 8}


@pytest.mark.parametrize("backbone", ["stylegan2", "r3gan"])
@pytest.mark.parametrize(("size", "channels"), [(32, 1), (64, 3)])
def test_images_have_the_size_that_was_asked_for(backbone: str, size: int, channels: int) -> None:
    settings = NetworkSettings(backbone=backbone, **SMALL)  # type: ignore[arg-type]
    generator = make_generator(settings, size, channels)
    images = generator(torch.randn(4, 12))
    assert images.shape == (4, channels, size, size)
    logits = make_discriminator(settings, size, channels)(images)
    assert logits.shape == (4,)
    logits.sum().backward()
    unused = [name for name, weight in generator.named_parameters() if weight.grad is None]
    assert unused == []


def test_widths_double_as_the_resolution_halves_up_to_the_most() -> None:
    assert widths(NetworkSettings(width=32, max_width=100), 64) == {
        4: 100,
        8: 100,
        16: 100,
        32: 64,
        64: 32,
    }


def test_modulation_equals_weights_of_its_own_for_each_image() -> None:
    conv = ModulatedConv(3, 5, 3, style=4)
    images, styles = torch.randn(2, 3, 8, 8), torch.randn(2, 4)
    made = conv(images, styles)
    for number in range(2):
        weight = (
            conv.weight * conv.scale * conv.affine(styles[number : number + 1])[0, :, None, None]
        )
        weight = weight / (weight.square().sum((1, 2, 3), keepdim=True) + 1e-8).sqrt()
        expected = F.conv2d(images[number : number + 1], weight, padding=1)
        torch.testing.assert_close(made[number : number + 1], expected, atol=1e-5, rtol=1e-4)


def test_upsampling_convolution_is_filtered_and_keeps_what_is_constant() -> None:
    flat = torch.ones(1, 1, 8, 8)
    assert Upsample()(flat).shape == (1, 1, 16, 16)
    torch.testing.assert_close(Upsample()(flat)[..., 2:-2, 2:-2], torch.ones(1, 1, 12, 12))
    torch.testing.assert_close(Downsample()(flat)[..., 1:-1, 1:-1], torch.ones(1, 1, 2, 2))
    conv = ModulatedConv(1, 1, 3, style=2, demodulate=False, up=True)
    with torch.no_grad():
        conv.weight.zero_()[0, 0, 1, 1] = 3.0  # times the scale 1 / 3
        conv.affine.weight.zero_()
    made = conv(flat, torch.zeros(1, 2))
    assert made.shape == (1, 1, 16, 16)
    torch.testing.assert_close(made[..., 3:-3, 3:-3], torch.ones(1, 1, 10, 10))
    assert EqualConv(1, 2, 3, down=True)(flat).shape == (1, 2, 4, 4)
    assert EqualConv(1, 2, 1, down=True)(flat).shape == (1, 2, 4, 4)


def test_minibatch_deviation_is_that_of_the_group_however_processes_share_the_batch() -> None:
    layer, batch = MinibatchDeviation(4), torch.randn(8, 2, 3, 3)
    made = layer(batch)
    torch.testing.assert_close(made[:, :2], batch)
    for first in range(2):
        group = batch[first::2]
        expected = (group.var(0, correction=0) + 1e-8).sqrt().mean()
        torch.testing.assert_close(made[first::2, 2], expected.expand(4, 3, 3))
    torch.testing.assert_close(layer(batch[0::2]), made[0::2])
    assert layer(batch[:6]).shape == (6, 3, 3, 3)  # in groups of three


def test_truncation_and_style_mixing_act_on_styles() -> None:
    generator = Generator(NetworkSettings(**SMALL), 32, 1)  # type: ignore[arg-type]
    generator.mapping.remember(torch.ones(12) * 200)
    one, other = torch.randn(2, 12), torch.randn(2, 12)
    plain = generator.to_styles(one)
    assert plain.shape == (2, generator.styles, 12)
    half = generator.to_styles(one, truncation=0.5)
    torch.testing.assert_close(half, (plain + generator.mapping.mean) / 2)
    mixed = generator.to_styles(one, other, torch.tensor([2.0, float(generator.styles)]))
    torch.testing.assert_close(mixed[0, :2], plain[0, :2])
    torch.testing.assert_close(mixed[0, 2:], generator.to_styles(other)[0, 2:])
    torch.testing.assert_close(mixed[1], plain[1])


def test_r3gan_begins_as_if_it_had_no_blocks() -> None:
    settings = NetworkSettings(backbone="r3gan", blocks=2, **SMALL)
    generator = make_generator(settings, 32, 1)
    features = torch.randn(1, 16, 4, 4)
    torch.testing.assert_close(generator.stages[0](features), features)


def test_a_translator_keeps_the_shape_and_encodes_to_its_middle() -> None:
    network = Translator(NetworkSettings(**SMALL), 3, blocks=3)  # type: ignore[arg-type]
    images = torch.randn(2, 3, 32, 32)
    layers = network.encode(images)
    assert [layer.shape[1] for layer in layers] == network.channels
    assert [layer.shape[2] for layer in layers] == [32, 16, 8, 8]
    torch.testing.assert_close(network(images), network.decode(layers[-1]))


@pytest.mark.parametrize(
    ("settings", "size", "named"),
    [
        ({}, 48, "48 pixels"),
        ({"backbone": "r3gan", "group_width": 48}, 32, "group_width: 48"),
    ],
)
def test_networks_that_cannot_be_built_are_refused(
    settings: dict[str, object], size: int, named: str
) -> None:
    with pytest.raises(Fault, match=named):
        make_generator(NetworkSettings(**settings), size, 1)  # type: ignore[arg-type]


def test_auto_goes_by_size_and_batch() -> None:
    facts, loss = ImageFacts(256, 3, 32), LossSettings()
    large = make_recipe(facts, NetworkSettings(), loss, "auto", "auto", False)
    assert (large.gamma, large.path_weight, large.style_mixing) == (1, 2, 0.9)
    assert (large.lr_generator, large.lr_discriminator) == (2.5e-3, 2.5e-3)
    assert large.decay == pytest.approx(0.5 ** (32 / 10_000))
    small = make_recipe(ImageFacts(32, 3, 64), NetworkSettings(), loss, "auto", "auto", False)
    assert (small.gamma, small.path_weight, small.style_mixing) == (1, 0, 0)
    assert (small.lr_generator, small.lr_discriminator) == (0.01, 0.01)
    assert small.decay == pytest.approx(0.5 ** (64 / 20_000))
    r3gan = NetworkSettings(backbone="r3gan")
    other = make_recipe(facts, r3gan, loss, "auto", "auto", False)
    assert (other.relativistic, other.path_weight, other.lr_generator) == (True, 0, 2e-4)
    assert other.gamma == 64
    huge = make_recipe(ImageFacts(256, 3, 4), NetworkSettings(), loss, "auto", "auto", False)
    assert huge.gamma == pytest.approx(3.2768)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"loss": {"gamma": -1}}, r"loss\.gamma.*greater than or equal to 0"),
        ({"loss": {"style_mixing": 2}}, r"style_mixing.*less than or equal to 1"),
        ({"loss": {"r1_interval": 0}}, r"r1_interval.*greater than 0"),
        ({"network": {"width": 0}}, r"network\.width.*greater than 0"),
        ({"augment": {"p": 1.5}}, r"augment\.p.*less than or equal to 1"),
        ({"augment": {"target": 2.0}}, r"augment\.target.*less than or equal to 1"),
        ({"augment": {"speed_kimg": 0}}, r"speed_kimg.*greater than 0"),
        ({"loss": {"path_length": 2}, "network": {"backbone": "r3gan"}}, "path_length"),
        ({"lr": 0}, "lr"),
        ({"loss": {"kind": "wasserstein"}}, "model"),
        ({"network": {"depth": 3}}, "model"),
    ],
)
def test_settings_out_of_range_are_refused(values: dict[str, object], named: str) -> None:
    with pytest.raises(Fault, match=named):
        GanModule.from_values(ImageFacts(32, 1), values)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"contrastive": {"patches": 1}}, r"contrastive\.patches.*greater than or equal to 2"),
        ({"contrastive": {"temperature": 0}}, r"contrastive\.temperature.*greater than 0"),
        ({"loss": {"style_mixing": 0.9}}, "style_mixing"),
    ],
)
def test_settings_that_a_translation_cannot_use_are_refused(
    values: dict[str, object], named: str
) -> None:
    with pytest.raises(Fault, match=named):
        TranslationModule.from_values(ImageFacts(32, 1), values)
