"""The submission: images generated in parts, so that a run can resume, and zipped at the end."""

import io
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from compete.files import PREDICTIONS, atomic_path, note
from compete.generative_contract import IMAGES_ZIP, GenerativeContract

Images = NDArray[np.uint8]
_BATCH = 64


class ImageSequence(Protocol):
    """Images by their numbers, (n, channels, height, width): an array, or a zip of them."""

    def __len__(self) -> int: ...

    def __getitem__(self, numbers: slice, /) -> Images: ...


def batches(images: ImageSequence, at_most: int) -> Iterator[Images]:
    """Yield the first images, some at once."""
    count = min(at_most, len(images))
    for start in range(0, count, _BATCH):
        yield images[start : min(start + _BATCH, count)]


PARTS = PREDICTIONS / "parts"
_PART = 256  # images
_STAMP = (2026, 1, 1, 0, 0, 0)  # the same images give the same bytes
_QUALITY = 95  # of JPEG; colours are kept at full resolution


def write_images(
    make: Callable[[int, int], Images], count: int, contract: GenerativeContract, key: str
) -> Path:
    """Write `submissions/images.zip`, whole or not at all, and return its path.

    Args:
        make: returns images by the number of the first one and how many.
        count: how many.
        contract: what they must be.
        key: of all that decides how an image looks; it is the comment of the zip, and parts of
            another key are thrown away.
    """
    if _is_made(count, key):
        note(f"{IMAGES_ZIP} is up to date, kept.")
        return IMAGES_ZIP
    folder = PARTS / key
    for other in PARTS.glob("*"):
        if other != folder:
            shutil.rmtree(other)
    starts = range(0, count, _PART)
    for start in starts:
        part = folder / f"{start:06d}.zip"
        size = min(_PART, count - start)
        if not _holds(part, size):
            images = make(start, size)
            with atomic_path(part) as beside:
                _write_part(beside, images, start, contract)
            note(f"  {start + size:,} of {count:,} images")
    with atomic_path(IMAGES_ZIP) as beside, zipfile.ZipFile(beside, "w") as whole:
        whole.comment = key.encode()
        for start in starts:
            with zipfile.ZipFile(folder / f"{start:06d}.zip") as part_file:
                for info in part_file.infolist():
                    whole.writestr(info, part_file.read(info))
    shutil.rmtree(PARTS)
    return IMAGES_ZIP


def _is_made(count: int, key: str) -> bool:
    """Return whether the submission is there, with so many images of this key."""
    if not zipfile.is_zipfile(IMAGES_ZIP):
        return False
    with zipfile.ZipFile(IMAGES_ZIP) as archive:
        return archive.comment == key.encode() and len(archive.infolist()) == count


def _holds(part: Path, size: int) -> bool:
    """Return whether a part is there with so many images."""
    if not part.exists():
        return False
    with zipfile.ZipFile(part) as archive:
        return len(archive.infolist()) == size


def _write_part(path: Path, images: Images, start: int, contract: GenerativeContract) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for number, image in enumerate(images, start=start):
            info = zipfile.ZipInfo(f"{number:05d}{contract.suffix}", _STAMP)
            info.external_attr = 0o644 << 16
            archive.writestr(info, encode(image, contract))


def encode(image: Images, contract: GenerativeContract) -> bytes:
    """Return the file of an image `(channels, height, width)` as the contract asks for it."""
    pixels = image[0] if len(image) == 1 else image.transpose(1, 2, 0)
    made = Image.fromarray(pixels).convert(contract.mode)
    size = (contract.width, contract.height)
    if made.size != size:
        made = made.resize(size, Image.Resampling.LANCZOS)
    file = io.BytesIO()
    if contract.format == "JPEG":
        made.save(file, "JPEG", quality=_QUALITY, subsampling=0)
    else:
        made.save(file, "PNG", optimize=False)
    return file.getvalue()


class ZippedImages:
    """The images of a zip by their numbers, read when they are asked for.

    Args:
        path: of a zip that holds images alone, all of one size and mode.
    """

    def __init__(self, path: Path) -> None:
        self._archive = zipfile.ZipFile(path)
        self.names = [info.filename for info in self._archive.infolist()]

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, numbers: slice | NDArray[np.int64]) -> Images:
        """Return some of them, (n, channels, height, width)."""
        chosen = np.arange(len(self))[numbers].tolist()
        return np.stack([to_array(self._archive.read(self.names[number])) for number in chosen])

    def close(self) -> None:
        """Close the file."""
        self._archive.close()


def to_array(content: bytes) -> Images:
    """Return the image of a file as `(channels, height, width)`."""
    with Image.open(io.BytesIO(content)) as image:
        pixels = np.asarray(image)
    return pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
