"""The image files of a competition: found in folders and zips, and decoded one by one."""

import io
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image, ImageOps

from compete.errors import Fault, first_line
from compete.files import RAW

SUFFIXES = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})
MIN_SIDE = 8  # pixels; less shows nothing that could be learned
_DEEP = 65535  # the brightest value of an image of 16 bits


class BadImage(Exception):
    """A file that can't be used, and why."""


def find_images(name: str, key: str, exclude: str = "") -> Path:
    """Return the folder or zip of images that a key of params.yaml names, or the only one.

    Args:
        name: below data/raw; `auto`: the only folder or zip there that holds images.
        key: of the section `data`.
        exclude: a folder that holds other images, such as those to translate.

    Raises:
        Fault: there is none, or more than one.
    """
    if name != "auto":
        chosen = RAW / name
        if chosen.is_dir() or zipfile.is_zipfile(chosen):
            return chosen
        raise Fault(
            f"{chosen} is neither a folder nor a zip file.",
            f"Correct `{key}:` under `data` in params.yaml: a folder or zip below {RAW}.",
        )
    if not RAW.is_dir():
        raise Fault(f"{RAW} is not there yet.", "Run `compete download` first.")
    loose = [path for path in RAW.iterdir() if path.suffix.lower() in SUFFIXES]
    found = [RAW] if loose else []
    found += [
        path for path in sorted(RAW.iterdir()) if path.name != exclude and _holds_images(path)
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        raise Fault(
            f"{RAW} contains no images.",
            f"If they are in another kind of archive, unpack it into a folder in {RAW}.",
        )
    choices = ", ".join(f"{path.name} ({count_images(path):,})" for path in found)
    raise Fault(
        f"{RAW} contains images in several places: {choices}.",
        f"Say which are to be learned, under `data` in params.yaml, such as\n"
        f"  {key}: {found[0].name}\n"
        "and, if others are to be translated into such, theirs as `source_images:`.",
    )


def _holds_images(path: Path) -> bool:
    if path.is_dir():
        return any(one.suffix.lower() in SUFFIXES for one in path.rglob("*"))
    return zipfile.is_zipfile(path) and bool(count_images(path))


def image_names(place: Path) -> list[str]:
    """Return the names of the images in a folder or zip, with the folders in it, sorted."""
    if place.is_dir():
        names = [path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()]
    else:
        with zipfile.ZipFile(place) as archive:
            names = [info.filename for info in archive.infolist() if not info.is_dir()]
    return sorted(
        name
        for name in names
        if PurePosixPath(name).suffix.lower() in SUFFIXES
        and not any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)
    )


def count_images(place: Path) -> int:
    """Return how many images a folder or zip holds."""
    return len(image_names(place))


def read_images(place: Path, names: list[str]) -> Iterator[bytes]:
    """Yield the content of the named images of a folder or zip; empty where it can't be read."""
    if place.is_dir():
        for name in names:
            try:
                yield (place / name).read_bytes()
            except OSError:
                yield b""
        return
    with zipfile.ZipFile(place) as archive:
        for name in names:
            try:
                yield archive.read(name)
            except (zipfile.BadZipFile, OSError, RuntimeError):
                yield b""


@dataclass(frozen=True)
class Look:
    """What the header of an image says.

    Args:
        size: width and height.
        is_colour: whether it is more than grey.
        has_alpha: whether it may have transparent parts.
    """

    size: tuple[int, int]
    is_colour: bool
    has_alpha: bool


def look(content: bytes) -> Look:
    """Return what the header of an image says.

    Raises:
        BadImage: it is no image, or too small.
    """
    with _opened(content) as image:
        if min(image.size) < MIN_SIDE:
            raise BadImage(
                f"{image.width} x {image.height} pixels; at least {MIN_SIDE} a side are needed"
            )
        grey = image.mode in ("1", "L", "LA", "La") or image.mode.startswith(("I", "F"))
        return Look(image.size, not grey, image.has_transparency_data)


def decode(content: bytes, mode: str, size: int) -> Image.Image:
    """Return an image as a square: its centre, on white where it is transparent.

    Args:
        content: of its file.
        mode: `RGB`, or `L` for grey.
        size: pixels of a side.

    Raises:
        BadImage: it can't be decoded.
    """
    with _opened(content) as opened:
        try:
            image = ImageOps.exif_transpose(opened)
            image.load()
        except Exception as error:  # PIL's decoders raise whatever a damaged file leads them to
            raise BadImage(f"damaged ({first_line(error)})") from None
    if image.mode.startswith(("I", "F")):
        image = _eight_bits(image)
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        white.alpha_composite(image.convert("RGBA"))
        image = white
    return ImageOps.fit(image.convert(mode), (size, size), Image.Resampling.LANCZOS)


def _eight_bits(image: Image.Image) -> Image.Image:
    values = np.asarray(image, dtype=np.float64)
    deep = image.mode.startswith("I;16") or values.max() > 255
    scaled = values * (255 / _DEEP) if deep else values
    return Image.fromarray(scaled.clip(0, 255).round().astype(np.uint8))


def _opened(content: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Image.open(io.BytesIO(content))
    except Exception as error:
        why = "empty or unreadable" if not content else f"no image ({first_line(error)[:80]})"
        raise BadImage(why) from None
