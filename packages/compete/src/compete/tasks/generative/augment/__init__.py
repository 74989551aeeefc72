"""What is done to images before the discriminator sees them, by the name of `augment.kind`."""

from typing import Any

from compete.tasks.generative.augment.ada import AdaptiveAugment
from compete.tasks.generative.augment.base import Augment
from compete.tasks.generative.augment.diffaugment import DiffAugment
from compete.tasks.generative.settings import AugmentSettings


def make_augment(settings: AugmentSettings) -> Augment:
    """Return the augmentation that the settings name."""
    made: dict[str, Any] = {"ada": AdaptiveAugment, "diffaugment": DiffAugment, "none": Augment}
    return made[settings.kind](settings)  # type: ignore[no-any-return]


__all__ = ["AdaptiveAugment", "Augment", "DiffAugment", "make_augment"]
