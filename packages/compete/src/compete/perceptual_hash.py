"""Recognises the data's images in other files by their thumbnails, whatever their size and format.

It finds whole images that were re-encoded, enlarged, reduced (down to about 20 pixels a side),
brightened or darkened. It does not find parts, rotated or mirrored images, several in one, tiny
ones enlarged to blocks, and images with hardly any detail, such as one shade or a plain gradient,
since many others look like these. Where images differ in their details alone, as scanned pages do,
another page may be taken for one of the data's: list it in `.publish-allow.yaml`.
"""

import io
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from compete.files import PROCESSED
from compete.processed import read_array

FILE = PROCESSED / "thumbnails.npy"
# Correlation. Of 5,000 digits of MNIST none comes closer to 5,000 others than 0.9953, and their
# copies in JPEG of quality 75 stay above 0.998. The 64 bits of imagehash can't separate the two: of
# scikit-learn's 1,797 digits, copies differ in up to 4 bits of phash (7 of dhash), different
# digits in as few as 2 (0).
_MIN_CORRELATION = 0.997
# Others that PIL reads are texts and programs as well.
_FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
_SIDE = 16  # pixels
_MIN_DETAIL = 4.0  # standard deviation of the differences between neighbours, in shades of 255
_AT_ONCE = 8192


def thumbnail(content: bytes) -> bytes | None:
    """Return the thumbnail of a file's image, None for a file that is no image."""
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            warnings.simplefilter("ignore")
            return reduce(ImageOps.exif_transpose(image))
    except Exception:  # PIL's decoders raise whatever a damaged file leads them to
        return None


def reduce(image: Image.Image) -> bytes:
    """Return the whole image in 16 x 16 shades of grey."""
    grey = image if image.mode.startswith(("I", "F")) else image.convert("L")
    small = grey.convert("F").resize((_SIDE, _SIDE), Image.Resampling.BICUBIC, reducing_gap=3.0)
    values = np.asarray(small)
    brightest = max(float(values.max()), 255.0)  # images of 16 bits have more
    return (values * (255 / brightest)).clip(0, 255).round().astype(np.uint8).tobytes()


def keep(thumbnails: Sequence[bytes], file: Path) -> None:
    """Write the thumbnails of the data."""
    np.save(file, _pixels(thumbnails))


def are_known(thumbnails: Sequence[bytes]) -> list[bool]:
    """Return for each thumbnail whether it is one of the data's; none is before `prepare`."""
    known = np.zeros(len(thumbnails), dtype=bool)
    if thumbnails and FILE.exists():
        asked, data = _standardized(_pixels(thumbnails)), read_array(FILE)
        for start in range(0, len(data), _AT_ONCE):
            correlation = asked @ _standardized(data[start : start + _AT_ONCE]).T
            known |= (correlation > _MIN_CORRELATION).any(axis=1)
    return [bool(one) for one in known]


def count_known() -> int:
    """Return how many images of the data there are thumbnails of."""
    return len(read_array(FILE)) if FILE.exists() else 0


def _pixels(thumbnails: Sequence[bytes]) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(thumbnails), np.uint8).reshape(-1, _SIDE, _SIDE)


def _standardized(thumbnails: NDArray[Any]) -> NDArray[np.float32]:
    """Return rows whose products are correlations; zeros for a thumbnail with too little detail."""
    images = thumbnails.astype(np.float32)
    steps = [np.diff(images, axis=axis).std(axis=(1, 2)) for axis in (1, 2)]
    rows = images.reshape(len(images), -1)
    rows = rows - rows.mean(axis=1, keepdims=True)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
    detailed: NDArray[np.float32] = rows * (np.maximum(*steps) >= _MIN_DETAIL)[:, None]
    return detailed
