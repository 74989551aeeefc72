"""Decodes image files, and chooses the size at which a competition's images are kept."""

from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from compete.errors import Fault
from compete.files import PROCESSED
from compete.records import Record

if TYPE_CHECKING:
    from compete.tasks.image.load import Images

_GREY = {"1", "L", "LA", "I", "F", "I;16", "I;16B", "I;16L"}
STORED = PROCESSED / "images.json"
Pixels = NDArray[np.uint8]


class UnreadableImage(Exception):
    """An image that can't be read; the message says why."""


@dataclass(frozen=True)
class StoredImages(Record):
    """How `prepare` keeps the images.

    Args:
        native_size: the usual longer side of the files, in pixels.
        channels: 1 for grey, 3 for colour.
        size: pixels a side that are kept.
        image_size: pixels a side that the model sees if `image_size` is `auto`.
        cached: whether the decoded images are kept; else each is decoded when it is needed.
        near_duplicates: training images that look like another one and are not the same.
    """

    native_size: int
    channels: int
    size: int
    image_size: int
    cached: bool
    near_duplicates: int = 0

    @classmethod
    def load(cls) -> "StoredImages":
        """Read the record. Raise `Fault` if `prepare` has not run."""
        found = cls.read(STORED)
        if found is None:
            raise Fault(f"{STORED} is not there yet.", "Run `compete prepare` first.")
        return found


def decode(path: Path, size: int, channels: int) -> Pixels:
    """Return the image at `path` as uint8 `(size, size, channels)`, upright, nothing cut off.

    Raises:
        UnreadableImage: the file is missing, broken, or too large to be an image.
    """
    try:
        with Image.open(path) as image:
            image.draft("RGB" if channels == 3 else "L", (size, size))
            upright = ImageOps.exif_transpose(image)
            if upright.mode.startswith(("I", "F")):  # 16 or 32 bits a pixel: PIL would clip
                values = np.asarray(upright, dtype=np.float32)
                scale = 255 / max(float(values.max()), 1.0)
                upright = Image.fromarray((values.clip(0) * scale).astype(np.uint8))
            small = upright.convert("RGB" if channels == 3 else "L")
            return resize(small, size).reshape(size, size, channels)
    except FileNotFoundError:
        raise UnreadableImage("missing") from None
    except Image.DecompressionBombError:
        raise UnreadableImage("broken: far too many pixels") from None
    except Exception as error:  # PIL's decoders raise whatever a damaged file leads them to
        raise UnreadableImage(f"broken: {error}") from None


def resize(image: Image.Image, size: int) -> Pixels:
    """Return the image in `size` pixels a side."""
    if image.size != (size, size):
        image = image.resize((size, size), Image.Resampling.BICUBIC, reducing_gap=3.0)
    return np.asarray(image, dtype=np.uint8)


def as_image(pixels: Pixels) -> Image.Image:
    """Return PIL's image of an array `(h, w, channels)`."""
    return Image.fromarray(pixels if pixels.shape[2] == 3 else pixels[:, :, 0])


def native_format(images: "Images") -> tuple[int, int]:
    """Return the usual longer side in pixels, and the channels (1 grey, 3 colour).

    Raises:
        Fault: none of the images can be read.
    """
    if images.pixels is not None:
        return images.pixels.shape[1], images.pixels.shape[3]
    sides, modes = [], set()
    for path in images.paths[:: max(1, len(images.paths) // 256)]:
        try:
            with Image.open(path or "") as image:
                sides.append(max(image.size))
                modes.add(image.mode)
        except (OSError, Image.DecompressionBombError):
            continue
    if not sides:
        raise Fault("No image can be read.", "Run `compete download` again.")
    return int(median(sides)), 1 if modes <= _GREY else 3


def auto_size(side: int, channels: int) -> int:
    """Return the training size for images of `side` pixels: a multiple of 8, up to 224.

    Backbones reduce an image by 32, so small ones are enlarged for the last stages to see more
    than one cell: grey signs by half, colour photographs up to three times, to 96.
    """
    enlarged = 3 * side // (2 if channels == 1 else 1)
    return max(32, min(224, max(min(enlarged, 96), side) // 8 * 8))
