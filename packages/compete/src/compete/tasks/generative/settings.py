"""The keys of params.yaml that generative competitions have, with their defaults.

The author's `Settings` add keys to `data`. The sections of `model` are the dataclasses below; what
else `model` and `trainer` hold are the arguments of `GanModule` or `TranslationModule`, and of
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
        images: the folder or zip, below data/raw, of the images to learn from; `auto`: the only one
            there.
        source_images: that of images to translate into such ones; null where images are made of
            noise.
        image_size: the side of the square images that are learned and made, in pixels.
        on_bad_image: `refuse` files that are no images, damaged or tiny, or `skip` and count them.
        x_flip: show each image mirrored half of the time, which doubles the data. Leave it off
            where left and right mean something, such as text; the networks would learn to mirror.
        batch_size: images in a batch, over all devices together.
        submission_min: the fewest images that the competition takes; `auto`, here and below: what
            its page on Kaggle says, and where that says nothing, what the images to learn from are.
        submission_max: the most.
        submission_size: the side of a submitted image, in pixels.
        submission_mode: `RGB`, or `L` for grey.
        submission_format: of its file.
        submission_count: how many images are made; `auto`: the fewest, or as many as there are to
            translate.
        truncation: how far from the mean style images are made: 1 is as trained; towards 0 they
            become more typical and more alike.
        extractor: whose features the distances FID, KID and MiFID compare: `inception`, as Kaggle
            and the papers do, or the name of any timm model. Distances by different extractors
            can't be compared.
        extractor_weights: of that model: `hub`, the path of a checkpoint, or `none`: random.
        distance_images: the most images of each side that are compared.
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
    """The section `model.network`: which networks, and how large.

    Args:
        backbone: `stylegan2`: StyleGAN2's mapping, modulated convolutions and skip generator
            (arXiv 1912.04958) against its residual discriminator; `r3gan`: the residual blocks of
            R3GAN (NeurIPS 2024) in both.
        width: channels at full resolution; they double with each halving of the resolution.
        max_width: the most channels that a layer may have.
        latent: numbers in a latent vector, and in a style.
        mapping_layers: layers from the latent vector to the style (stylegan2).
        minibatch_group: images among which the discriminator's last layer measures deviation
            (stylegan2); 1 leaves it out.
        blocks: residual blocks at each resolution (r3gan).
        group_width: channels of a group of the grouped convolutions (r3gan).
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
    """The section `model.augment`: how images are changed before the discriminator sees them.

    Args:
        kind: `ada`: the pipeline of geometric and colour transforms whose strength follows the
            discriminator's overfitting (arXiv 2006.06676); `diffaugment`: colour, translation and
            cutout, always on (arXiv 2006.10738); `none`.
        p: of `ada`, the probability of each transform at the beginning.
        target: of `ada`, the mean sign of the discriminator on real images that is held, from 0 to
            1; null keeps `p` as it is.
        speed_kimg: of `ada`, thousands of images in which `p` can rise from 0 to 1.
        interval: of `ada`, batches after which `p` changes.
        transforms: of `ada`, which of its groups are on: `blit` (x-flip, quarter turns, whole-pixel
            shifts), `geometry` (scale, rotation, shift), `color`. Leave `blit` or `geometry` out if
            turned images would begin to appear among those that are made.
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
            `relativistic`: R3GAN's pairing of real and made images with R1 and R2; `auto`: the one
            that the backbone was published with.
        gamma: the weight of the gradient penalties; `auto`: for the logistic loss 0.0002 * pixels /
            batch size (arXiv 2006.06676), but at least 1, for with less the discriminator is soon
            too strong in a training of hundreds of kimg, not of tens of thousands; for the
            relativistic 1 at 32 pixels (R3GAN's for small grey images), growing with their number.
        r1_interval: batches between two penalties R1 of the logistic loss; the relativistic one has
            both penalties in each batch.
        path_length: the weight of path length regularisation (stylegan2); `auto`: 2, but none at 32
            pixels.
        path_interval: batches between two of its steps.
        path_decay: of the moving average of the path length.
        style_mixing: the probability that two styles make one image (stylegan2); `auto`: 0.9, but
            none at 32 pixels.
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
        weight: of the contrastive loss PatchNCE beside the adversarial one.
        identity: whether target images, translated, are compared with themselves too.
        patches: places that are compared in each layer of an image.
        temperature: of the softmax over the places.
        features: numbers that a place is compared by.
        blocks: residual blocks of the translating generator.
    """

    weight: NonNegativeFloat = 1.0
    identity: bool = True
    patches: TwoOrMore = 64
    temperature: PositiveFloat = 0.07
    features: PositiveInt = 64
    blocks: PositiveInt = 4
