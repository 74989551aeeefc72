"""The keys of `data` that image competitions have besides those of every task."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from compete.bounds import NonNegativeFloat, PositiveInt
from compete.supervised.settings import DataSettings


@dataclass(frozen=True, kw_only=True)
class ImageSettings(DataSettings):
    """The section `data` of params.yaml.

    Args:
        image_size: height and width of the model's input in pixels; `auto`: by the images' size.
        augment: an augmentation preset in augment.py.
        test_time_augmentation: average predictions over the views of the preset.
        cache_gb: cache decoded images if they need at most this many GB; else decode each time.
    """

    task: ClassVar[str] = "compete.tasks.image"
    changes_predictions: ClassVar[frozenset[str]] = frozenset({"test_time_augmentation"})
    without_effect: ClassVar[frozenset[str]] = (
        DataSettings.without_effect | changes_predictions | {"cache_gb"}
    )

    unneeded_by_prediction: ClassVar[tuple[str, ...]] = (
        *DataSettings.unneeded_by_prediction,
        "train.npy",
        "thumbnails*",
    )

    image_size: PositiveInt | Literal["auto"] = "auto"
    augment: str = "auto"
    test_time_augmentation: bool = True
    cache_gb: NonNegativeFloat = 8.0
