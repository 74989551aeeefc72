"""What the settings mean for these images: numbers in place of `auto`, and refusals."""

from dataclasses import dataclass
from typing import Literal

from compete.errors import Fault
from compete.tasks.generative.settings import LossSettings, NetworkSettings

Auto = float | Literal["auto"]
_RATES = {"stylegan2": 2.5e-3, "r3gan": 2e-4}  # of arXiv 2006.06676, and of R3GAN's appendix D
_TRANSLATOR_RATE = 2e-4  # CUT's
# Weights begin with a deviation of 1, so that 0.0025 changes them by a four-hundredth in a step:
# too little for the few thousand steps that a training of small images has.
_SMALL_RATE = 0.01


@dataclass(frozen=True)
class ImageFacts:
    """What the networks must know of the images.

    Args:
        size: pixels of a side.
        channels: 1 for grey images, 3 for colour.
        batch_size: images in a batch, over all devices together.
        seed: of all randomness.
    """

    size: int
    channels: int
    batch_size: int = 32
    seed: int = 0


@dataclass(frozen=True)
class Recipe:
    """How two networks are trained.

    Args:
        has_styles: whether the generator is StyleGAN2's, whose layers have styles.
        relativistic: whether the loss is R3GAN's.
        gamma: the weight of the gradient penalties.
        path_weight: the weight of path length regularisation; 0: there is none.
        style_mixing: the probability that two styles make one image.
        lr_generator: its learning rate.
        lr_discriminator: its learning rate.
        decay: how much of the averaged weights a batch keeps, in the end.
    """

    has_styles: bool
    relativistic: bool
    gamma: float
    path_weight: float
    style_mixing: float
    lr_generator: float
    lr_discriminator: float
    decay: float


def make_recipe(
    images: ImageFacts,
    network: NetworkSettings,
    loss: LossSettings,
    lr: Auto,
    ema_kimg: Auto,
    translates: bool,
) -> Recipe:
    """Return the recipe that the settings are, each `auto` as its docstring tells.

    Raises:
        Fault: a value has no effect here.
    """
    has_styles = network.backbone == "stylegan2" and not translates
    small = images.size <= 32
    kind = loss.kind
    if kind == "auto":
        kind = "relativistic" if network.backbone == "r3gan" else "logistic"
    if loss.gamma != "auto":
        gamma = loss.gamma
    elif kind == "relativistic":
        gamma = (images.size / 32) ** 2
    else:
        gamma = max(1.0, 2e-4 * images.size**2 / images.batch_size)
    usual = _RATES[network.backbone]
    if small and has_styles:
        usual = _SMALL_RATE
    half_life = images.batch_size * 10 / 32 if ema_kimg == "auto" else ema_kimg
    return Recipe(
        has_styles=has_styles,
        relativistic=kind == "relativistic",
        gamma=gamma,
        path_weight=_of_styles("path_length", loss.path_length, 0 if small else 2, has_styles),
        style_mixing=_of_styles("style_mixing", loss.style_mixing, 0 if small else 0.9, has_styles),
        lr_generator=lr if lr != "auto" else _TRANSLATOR_RATE if translates else usual,
        lr_discriminator=usual if lr == "auto" or translates else lr,
        decay=0.5 ** (images.batch_size / (half_life * 1000)),
    )


def _of_styles(name: str, value: Auto, auto: float, has_styles: bool) -> float:
    """Return a value that only layers with styles have. Raise `Fault` if it is asked of others."""
    if has_styles:
        return auto if value == "auto" else value
    if value not in ("auto", 0):
        raise Fault(
            f"`{name}` under `model.loss` needs styles, which only stylegan2 from noise has.",
            f"Set `{name}` to auto in params.yaml.",
        )
    return 0.0
