"""What an image generation competition asks for: `contract.yaml`, each value with its source."""

from dataclasses import dataclass
from pathlib import Path

from compete.contract import SourcedContract

IMAGES_ZIP = Path("submissions/images.zip")


@dataclass(frozen=True)
class GenerativeContract(SourcedContract):
    """What the submitted images must be; `sources` says where each value is from.

    Args:
        metric: by Kaggle's name; empty if it is not known.
        images: the folder or zip of the training images.
        source_images: of image to image, that of the images to translate; empty if there is none.
        count_min: the fewest images that are taken.
        count_max: the most.
        width: of each of them, in pixels.
        height: in pixels.
        mode: Pillow's: `RGB` for colour, `L` for grey.
        format: Pillow's: `JPEG` or `PNG`.
        deadline: ISO 8601 in UTC, if Kaggle named one.
        kernels_only: whether Kaggle takes notebooks and no files.
    """

    slug: str
    title: str
    metric: str
    images: str
    source_images: str
    count_min: int
    count_max: int
    width: int
    height: int
    mode: str
    format: str
    deadline: str | None = None
    max_daily_submissions: int | None = None
    kernels_only: bool = False

    @property
    def translates(self) -> bool:
        """Whether there are images to translate."""
        return bool(self.source_images)

    @property
    def suffix(self) -> str:
        """Of the name of an image."""
        return ".jpg" if self.format == "JPEG" else ".png"
