"""The keys of params.yaml for generative competitions, with their defaults.

The author's `Settings` add keys to `data`. The sections of `model` are the dataclasses below. The
other keys of `model` and `trainer` are the arguments of `GanModule` or `TranslationModule`, and of
`Trainer`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from compete.bounds import (
    Fraction,
    NonNegativeFloat,
    PositiveFloat,
    PositiveInt,
    TwoOrMore,
)
from compete.generative_records import PREPARED
from compete.training.settings import LIGHTNING_WITHOUT_EFFECT, Settings


@dataclass(frozen=True, kw_only=True)
class GenerativeSettings(Settings):
    """The section `data` of params.yaml.

    Args:
        images: folder or zip in data/raw with the training images; `auto`: the only one there.
        source_images: folder or zip in data/raw with the images to translate; null to generate
            images from noise.
        image_size: height and width of the training images and generated images, in pixels.
        on_bad_image: `refuse` files that are no images, damaged or tiny, or `skip` and count them.
        x_flip: random horizontal flips, which double the data. Leave it off if left and right
            matter, as in text; the generator would produce mirrored images.
        batch_size: total batch size over all devices.
        submission_min: minimum number of images in a submission; `auto`, here and below: from the
            competition's page on Kaggle, or else from the training images.
        submission_max: maximum number of images in a submission.
        submission_size: height and width of submitted images, in pixels.
        submission_mode: mode of submitted images: `RGB`, or `L` for grayscale.
        submission_format: file format of submitted images.
        submission_count: number of images to generate; `auto`: `submission_min`, or the number of
            images to translate.
        truncation: truncation of the styles towards their mean: 1 is none; smaller values give more
            typical images with less variety.
        extractor: network whose features FID, KID and MiFID compare: `inception`, as Kaggle and the
            papers do, or the name of any timm model. Distances of different extractors can't be
            compared.
        extractor_weights: weights of a timm model: `hub`, the path of a checkpoint, or `none`
            (random).
        distance_images: maximum number of real and of generated images to compare.
    """

    workflow: ClassVar[str] = "compete.tasks.generative"
    task: ClassVar[str] = "compete.tasks.generative"
    portfolio: ClassVar[str] = "compete.portfolio.generative"
    trainer: ClassVar[tuple[str, str]] = ("compete.tasks.generative.trainer", "Trainer")
    given_to_model: ClassVar[frozenset[str]] = frozenset({"images"})
    without_effect: ClassVar[frozenset[str]] = frozenset(
        {
            "submission_min",
            "submission_max",
            "submission_size",
            "submission_mode",
            "submission_format",
            "submission_count",
            "truncation",
            "extractor",
            "extractor_weights",
            "distance_images",
        }
    )
    trainer_without_effect: ClassVar[frozenset[str]] = LIGHTNING_WITHOUT_EFFECT | {
        "checkpoint_kimg"
    }

    images: str = "auto"
    source_images: str | None = None
    image_size: Literal[32, 64, 128, 256] = 32
    on_bad_image: Literal["refuse", "skip"] = "refuse"
    x_flip: bool = False
    batch_size: TwoOrMore = 32
    submission_min: PositiveInt | Literal["auto"] = "auto"
    submission_max: PositiveInt | Literal["auto"] = "auto"
    submission_size: PositiveInt | Literal["auto"] = "auto"
    submission_mode: Literal["auto", "RGB", "L"] = "auto"
    submission_format: Literal["auto", "JPEG", "PNG"] = "auto"
    submission_count: PositiveInt | Literal["auto"] = "auto"
    truncation: NonNegativeFloat = 1.0
    extractor: str = "inception"
    extractor_weights: str = "hub"
    distance_images: TwoOrMore = 5000

    def contract_facts(self) -> list[str]:
        """Return nothing: the contract decides which images are made, and no weights."""
        return []

    def facts(self, model: Mapping[str, Any]) -> list[Path]:
        """Return the files that tell which prepared images a member learns from."""
        return sorted(PREPARED.glob("*.json"))


@dataclass(frozen=True, kw_only=True)
class NetworkSettings:
    """The section `model.network`: the architecture and size of the networks.

    Args:
        backbone: `stylegan2`: StyleGAN2's mapping network, modulated convolutions and skip
            generator (arXiv 1912.04958), with its residual discriminator; `r3gan`: the residual
            blocks of R3GAN (NeurIPS 2024) in both networks.
        width: channels at full resolution; they double with each halving of the resolution.
        max_width: maximum number of channels of a layer.
        latent: size of the latent vector and of the style.
        mapping_layers: number of layers of the mapping network (stylegan2).
        minibatch_group: group size of the minibatch standard deviation layer (stylegan2); 1: off.
        blocks: number of residual blocks at each resolution (r3gan).
        group_width: channels per group of the grouped convolutions (r3gan).
    """

    backbone: Literal["stylegan2", "r3gan"] = "stylegan2"
    width: PositiveInt = 32
    max_width: PositiveInt = 256
    latent: PositiveInt = 128
    mapping_layers: PositiveInt = 2
    minibatch_group: PositiveInt = 4
    blocks: PositiveInt = 1
    group_width: PositiveInt = 16


@dataclass(frozen=True, kw_only=True)
class AugmentSettings:
    """The section `model.augment`: augmentation of the discriminator's input.

    Args:
        kind: `ada`: adaptive discriminator augmentation, geometric and color transforms with a
            probability that follows the overfitting (arXiv 2006.06676); `diffaugment`: color,
            translation and cutout on every image (arXiv 2006.10738); `none`.
        p: for `ada`, the initial probability of each transform.
        target: for `ada`, the target for the overfitting statistic, which is the mean sign of the
            discriminator's output on real images, from 0 to 1; null: constant `p`.
        speed_kimg: for `ada`, thousands of images in which `p` can rise from 0 to 1.
        interval: for `ada`, number of batches between updates of `p`.
        transforms: for `ada`, the groups to use: `blit` (x-flip, 90-degree rotations, integer
            shifts), `geometry` (scale, rotation, shift), `color`. Leave out `blit` or `geometry` if
            rotated images start to appear among the generated ones.
    """

    kind: Literal["ada", "diffaugment", "none"] = "ada"
    p: Fraction = 0.0
    target: Fraction | None = 0.6
    speed_kimg: PositiveFloat = 500
    interval: PositiveInt = 4
    transforms: str = "blit,geometry,color"


@dataclass(frozen=True, kw_only=True)
class LossSettings:
    """The section `model.loss`.

    Args:
        kind: `logistic`: the non-saturating loss of Goodfellow et al. (2014) with R1;
            `relativistic`: R3GAN's loss on pairs of real and generated images with R1 and R2;
            `auto`: the loss that the backbone was published with.
        gamma: weight of the gradient penalties; `auto`: for the logistic loss 0.0002 * pixels /
            batch size (arXiv 2006.06676), but at least 1, because in short training of hundreds of
            kimg the discriminator otherwise becomes too strong; for the relativistic loss 1 at 32
            pixels (R3GAN's value for small grayscale images), growing with the number of pixels.
        r1_interval: number of batches between R1 penalties of the logistic loss; the relativistic
            loss has both penalties in each batch.
        path_length: weight of path length regularization (stylegan2); `auto`: 2, but 0 at 32
            pixels.
        path_interval: number of batches between path length penalties.
        path_decay: decay of the moving average of the path length.
        style_mixing: probability of style mixing (stylegan2); `auto`: 0.9, but 0 at 32 pixels.
    """

    kind: Literal["auto", "logistic", "relativistic"] = "auto"
    gamma: NonNegativeFloat | Literal["auto"] = "auto"
    r1_interval: PositiveInt = 16
    path_length: NonNegativeFloat | Literal["auto"] = "auto"
    path_interval: PositiveInt = 4
    path_decay: Fraction = 0.01
    style_mixing: Fraction | Literal["auto"] = "auto"


@dataclass(frozen=True, kw_only=True)
class ContrastiveSettings:
    """The section `model.contrastive` of a `TranslationModule` (CUT, arXiv 2007.15651).

    Args:
        weight: weight of the contrastive loss (PatchNCE) relative to the adversarial loss.
        identity: add the identity loss, which compares target images with their own translations.
        patches: number of patches to compare in each layer.
        temperature: temperature of the softmax over the patches.
        features: size of the features of a patch.
        blocks: number of residual blocks of the generator.
    """

    weight: NonNegativeFloat = 1.0
    identity: bool = True
    patches: TwoOrMore = 64
    temperature: PositiveFloat = 0.07
    features: PositiveInt = 64
    blocks: PositiveInt = 4
