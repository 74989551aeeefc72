"""Recognises the data's pictures in other files by their thumbnails, whatever size and format.

Found are whole pictures, encoded anew, made larger or smaller (down to about 20 pixels a side),
brighter or darker. Not found are parts, turned or mirrored ones, several in one, tiny ones enlarged
to blocks, and pictures of hardly any detail, such as one shade or a plain gradient: many others
look like these. Where pictures differ in their details alone, as scanned pages do, another page may
be taken for one of the data's: list it in `.publish-allow.yaml`.
"""

import io
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from .files import PROCESSED

FILE = PROCESSED / "thumbnails.npy"
# Others that PIL reads are texts and programs as well.
_FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
_SIDE = 16  # pixels
# Correlation. Of 5,000 digits of MNIST none comes closer to 5,000 others than 0.9953; their
# copies in JPEG of quality 75 stay above 0.998.
_ALIKE = 0.997
_DETAIL = 4.0  # standard deviation of the steps between neighbours, in shades of 255
_AT_ONCE = 8192


def thumbnail(content: bytes) -> bytes | None:
    """What a file's picture is recognised by; nothing for a file that is none."""
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            warnings.simplefilter("ignore")
            return reduce(ImageOps.exif_transpose(image))
    except Exception:  # PIL's decoders raise whatever a damaged file leads them to
        return None


def reduce(image: Image.Image) -> bytes:
    """The whole picture in 16 x 16 shades of grey."""
    grey = image if image.mode.startswith(("I", "F")) else image.convert("L")
    small = grey.convert("F").resize((_SIDE, _SIDE), Image.Resampling.BICUBIC, reducing_gap=3.0)
    values = np.asarray(small)
    brightest = max(float(values.max()), 255.0)  # 16 bits a pixel have more
    return (values * (255 / brightest)).clip(0, 255).round().astype(np.uint8).tobytes()


def keep(thumbnails: Sequence[bytes], file: Path) -> None:
    """Write the thumbnails of the data."""
    np.save(file, _rows(thumbnails))


def known(thumbnails: Sequence[bytes]) -> list[bool]:
    """For each thumbnail whether it is one of the data's; none is before `compete prepare`."""
    found = np.zeros(len(thumbnails), dtype=bool)
    if thumbnails and FILE.exists():
        asked, data = _standard(_rows(thumbnails)), np.load(FILE, mmap_mode="r")
        for start in range(0, len(data), _AT_ONCE):
            found |= (asked @ _standard(data[start : start + _AT_ONCE]).T > _ALIKE).any(axis=1)
    return [bool(one) for one in found]


def _rows(thumbnails: Sequence[bytes]) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(thumbnails), np.uint8).reshape(-1, _SIDE, _SIDE)


def _standard(thumbnails: NDArray[Any]) -> NDArray[np.float32]:
    """Rows whose products are correlations; zeros for a thumbnail of too little detail."""
    pictures = thumbnails.astype(np.float32)
    steps = [np.diff(pictures, axis=axis).std(axis=(1, 2)) for axis in (1, 2)]
    rows = pictures.reshape(len(pictures), -1)
    rows = rows - rows.mean(axis=1, keepdims=True)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
    detailed: NDArray[np.float32] = rows * (np.maximum(*steps) >= _DETAIL)[:, None]
    return detailed
