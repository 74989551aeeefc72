"""Decodes every picture once, into one memory-mapped array that all folds and members read."""

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from PIL import Image, ImageOps
from rich.progress import track

from .. import thumbnails
from ..competition import Contract
from ..errors import Fault
from ..files import digest, number
from .read import Pictures
from .tables import Reading

_AT_ONCE = 512
_GREY = {"1", "L", "LA", "I", "F", "I;16", "I;16B", "I;16L"}
Picture = NDArray[np.uint8]


class BadPicture(Exception):
    """A picture that can't be read; the message says why."""


@dataclass
class Stored:
    """What became of one split's pictures.

    Args:
        keep: for each row, whether its picture could be read.
        hashes: for each row, a fingerprint of the stored pixels; equal only for equal pictures.
        near: for each row, a difference hash; equal for pictures that look alike.
        thumbnails: of the pictures that could be read.
        counts: how many pictures were broken, missing or converted.
    """

    keep: list[bool]
    hashes: list[str]
    near: list[str]
    thumbnails: list[bytes]
    counts: Counter[str] = field(default_factory=Counter)


def keep(
    reading: Reading[Pictures],
    contract: Contract,
    labelled: list[bool],
    sections: list[dict[str, Any]],
    folder: Path,
    *,
    skip: bool,
) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, Any]]:
    """Decode both splits into `folder` and give their tables, and facts to be written and told.

    Args:
        contract: what the competition asks for.
        labelled: for each training row whether it has its targets; the others are dropped.
        sections: the `data` section of params.yaml, then of each member: the arrays are as large
            as the largest `image_size` asks for.
        skip: drop training rows with bad pictures (test rows become black), rather than refuse.

    Returns:
        The tables of the rows that were kept (the training one with `content`, a fingerprint of
        the picture, and both with `path`), and facts such as `size` in pixels and `channels`.
    """
    train = reading.train.where(labelled)
    side, channels = native(train)
    usual = default_size(side, channels)
    own = [s for s in sections if s.get("image_size") not in (None, "auto")]
    sizes = [int(number(section, "image_size", usual)) for section in own]
    size = max(sizes + [usual] * (len(own) < len(sections)))
    rows = train.table.height + reading.test.table.height
    fits = rows * size * size * channels <= 1e9 * number(sections[0], "cache_gb", 8)
    stored = {}
    for name, split in (("train", train), ("test", reading.test)):
        stored[name] = store(split, folder / f"{name}.npy" if fits else None, size, channels, skip)
    seen = stored["train"].thumbnails + stored["test"].thumbnails
    thumbnails.keep(seen, folder / thumbnails.FILE.name)
    good = stored["train"].keep
    if not all(good):
        train = train.where(good)
        if fits:
            _compact(folder / "train.npy", good)
    pick = pl.Series(good)
    hashes = pl.Series("content", stored["train"].hashes).filter(pick)
    near = pl.Series(stored["train"].near).filter(pick)
    facts = {
        "native_size": side,
        "channels": channels,
        "size": size,
        "image_size": usual,
        "cached": fits,
        "rows": train.table.height,
        "test_rows": reading.test.table.height,
        "duplicates": len(hashes) - hashes.n_unique(),
        "near_duplicates": hashes.n_unique() - near.n_unique(),
        **{f"{name}_{why}": n for name, s in stored.items() for why, n in s.counts.items()},
    }
    return train.with_paths().with_columns(hashes), reading.test.with_paths(), facts


def _compact(file: Path, good: list[bool]) -> None:
    """Rewrite an array without its bad rows."""
    kept = np.load(file, mmap_mode="r")[np.array(good)]
    np.save(file, kept)


def decode(path: Path, size: int, channels: int) -> Picture:
    """The picture at `path` as uint8 `(size, size, channels)`, upright, whole picture kept.

    Raises:
        BadPicture: the file is missing, broken, or too large to be a picture.
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
            return _resize(small, size).reshape(size, size, channels)
    except FileNotFoundError:
        raise BadPicture("missing") from None
    except Image.DecompressionBombError:
        raise BadPicture("broken: far too many pixels") from None
    except Exception as error:  # PIL's decoders raise whatever a damaged file leads them to
        raise BadPicture(f"broken: {error}") from None


def _resize(image: Image.Image, size: int) -> Picture:
    if image.size != (size, size):
        image = image.resize((size, size), Image.Resampling.BICUBIC, reducing_gap=3.0)
    return np.asarray(image, dtype=np.uint8)


def native(split: Pictures) -> tuple[int, int]:
    """The usual longer side of the pictures in pixels, and their channels (1 grey, 3 colour)."""
    if split.pixels is not None:
        return split.pixels.shape[1], split.pixels.shape[3]
    sides, modes = [], set()
    for path in split.paths[:: max(1, len(split.paths) // 256)]:
        try:
            with Image.open(path or "") as image:
                sides.append(max(image.size))
                modes.add(image.mode)
        except (OSError, Image.DecompressionBombError):
            continue
    if not sides:
        raise Fault("None of the pictures can be read.", "Run `compete download` again.")
    return int(median(sides)), 1 if modes <= _GREY else 3


def default_size(side: int, channels: int) -> int:
    """The training size for pictures of `side` pixels: a multiple of 8, up to 224.

    Backbones reduce a picture by 32, so small ones are enlarged for the last stages to see more
    than one cell: grey signs by half, colour photographs up to three times, to 96.
    """
    enlarged = 3 * side // (2 if channels == 1 else 1)
    return max(32, min(224, max(min(enlarged, 96), side) // 8 * 8))


def store(split: Pictures, file: Path | None, size: int, channels: int, skip: bool) -> Stored:
    """Decode the split's pictures and write them to `file` as a `.npy` array, rows in order.

    Args:
        file: where to write; None to read and check only, for what does not fit.
        skip: count missing and broken pictures rather than refuse them.

    Raises:
        Fault: without `skip`, naming the bad pictures.
    """
    rows = split.table.height
    out = None
    if file is not None:
        shape = (rows, size, size, channels)
        out = np.lib.format.open_memmap(file, mode="w+", dtype=np.uint8, shape=shape)
    stored = Stored([], [], [], [])
    bad: list[str] = []
    for row, picture in enumerate(_pictures(split, size, channels)):
        ok = not isinstance(picture, str)
        stored.keep.append(ok)
        if isinstance(picture, str):
            bad.append(f"{split.paths[row] or _named(split, row)} ({picture})")
            stored.counts[picture.split(":")[0]] += 1
            stored.hashes.append(f"bad {row}")
            stored.near.append(f"bad {row}")
            continue
        if out is not None:
            out[row] = picture
        stored.hashes.append(digest([picture.tobytes()]))
        image = Image.fromarray(picture if channels == 3 else picture[:, :, 0])
        stored.near.append(_difference_hash(image))
        stored.thumbnails.append(thumbnails.reduce(image))
    if bad and not skip:
        more = f" and {len(bad) - 5} more" if len(bad) > 5 else ""
        raise Fault(
            f"{len(bad)} of {rows} pictures can't be read: {'; '.join(bad[:5])}{more}.",
            "Download them again, or set `on_bad_row: skip` under `data` in params.yaml.",
        )
    if out is not None:
        out.flush()
    return stored


def _named(split: Pictures, row: int) -> str:
    return "the picture of row " + str(split.table.row(row)[:3])


def _pictures(split: Pictures, size: int, channels: int) -> Iterable[Picture | str]:
    """For each row its picture, or a string that says why there is none."""

    def from_file(path: Path | None) -> Picture | str:
        if path is None:
            return "missing"
        try:
            return decode(path, size, channels)
        except BadPicture as error:
            return str(error)

    def from_pixels(pixels: Picture) -> Picture:
        image = Image.fromarray(pixels if channels == 3 else pixels[:, :, 0])
        return _resize(image, size).reshape(size, size, channels)

    def in_turn() -> Iterator[Picture | str]:
        with ThreadPoolExecutor(os.cpu_count()) as pool:  # piece by piece: they may not all fit
            for start in range(0, split.table.height, _AT_ONCE):
                piece = slice(start, start + _AT_ONCE)
                if split.pixels is None:
                    yield from pool.map(from_file, split.paths[piece])
                else:
                    yield from pool.map(from_pixels, split.pixels[piece])

    quiet, total = not sys.stdout.isatty(), split.table.height
    yield from track(in_turn(), "decoding", total, transient=True, disable=quiet)


def _difference_hash(image: Image.Image) -> str:
    """64 bits: in a 9 x 8 thumbnail, whether each cell is darker than its right neighbour."""
    small = np.asarray(image.convert("L").resize((9, 8), Image.Resampling.BOX), dtype=np.int16)
    return np.packbits(np.diff(small, axis=1) > 0).tobytes().hex()
