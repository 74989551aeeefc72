"""Decodes every image once, into one memory-mapped array that all folds and members read."""

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import imagehash
import numpy as np
import polars as pl
import polars.selectors as cs
from rich.progress import track

from compete import perceptual_hash
from compete.contract import Contract
from compete.errors import Fault
from compete.files import CONTENT, OWN, digest, note
from compete.supervised.reading import Preprocessed, Reading
from compete.tasks.image.decode import (
    STORED,
    Pixels,
    StoredImages,
    UnreadableImage,
    as_image,
    auto_size,
    decode,
    native_format,
    resize,
)
from compete.tasks.image.load import Images
from compete.tasks.image.settings import ImageSettings
from compete.training.config import LIGHT, load_config, member_names

_AT_ONCE = 512


@dataclass
class Stored:
    """What became of one split's images.

    Args:
        keep: for each row, whether its image could be read.
        hashes: for each row, a fingerprint of the stored pixels; equal only for equal images.
        near: for each row, a difference hash; equal for images that look alike.
        thumbnails: of the images that could be read.
        counts: how many images were broken or missing.
    """

    keep: list[bool] = field(default_factory=list)
    hashes: list[str] = field(default_factory=list)
    near: list[str] = field(default_factory=list)
    thumbnails: list[bytes] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def preprocess(
    reading: Reading[Images],
    contract: Contract,
    labelled: list[bool],
    settings: ImageSettings,
    folder: Path,
) -> Preprocessed:
    """Decode both splits into `folder`, as large as the largest `image_size` of a member asks for.

    Training rows with bad images are refused or left out as `on_bad_row` says; bad test images
    become black if it says `skip`.

    Args:
        reading: what the files hold.
        contract: what the competition asks for.
        labelled: for each training row whether it has its targets; the others are left out.
        settings: the section `data` of params.yaml.
        folder: where to write.

    Raises:
        Fault: images can't be read.
    """
    train, test, skip = reading.train.where(labelled), reading.test, settings.skips_bad_rows
    side, channels = native_format(train)
    usual = auto_size(side, channels)
    asked = [load_config(name, sections=LIGHT).data for name in member_names()]
    size = max(usual if one.image_size == "auto" else int(one.image_size) for one in asked)
    rows = train.table.height + test.table.height
    fits = rows * size * size * channels <= 1e9 * settings.cache_gb
    stored = {}
    for name, split in (("train", train), ("test", test)):
        stored[name] = store(split, folder / f"{name}.npy" if fits else None, size, channels, skip)
    seen = stored["train"].thumbnails + stored["test"].thumbnails
    perceptual_hash.keep(seen, folder / perceptual_hash.FILE.name)
    good = stored["train"].keep
    if not all(good):
        train = train.where(good)
        if fits:
            kept = np.load(folder / "train.npy", mmap_mode="r")[np.array(good)]
            np.save(folder / "train.npy", kept)
    pick = pl.Series(good)
    content = pl.Series(CONTENT, stored["train"].hashes).filter(pick)
    near = pl.Series(stored["train"].near).filter(pick)
    StoredImages(
        native_size=side,
        channels=channels,
        size=size,
        image_size=usual,
        cached=fits,
        near_duplicates=content.n_unique() - near.n_unique(),
    ).write(folder / STORED.name)
    counts = {f"{name}_{why}": n for name, s in stored.items() for why, n in s.counts.items()}
    return Preprocessed(train.with_paths().with_columns(content), test.with_paths(), {}, counts)


def preprocess_test(
    reading: Reading[Images],
    contract: Contract,
    labelled: list[bool],
    settings: ImageSettings,
    folder: Path,
) -> pl.DataFrame:
    """Decode the test images as those of the training rows were; a bad one becomes black.

    Args:
        reading: what the files hold.
        contract: what the competition asks for.
        labelled: of the training rows, which are not read.
        settings: the section `data` of params.yaml.
        folder: where to write.
    """
    test, stored = reading.test, StoredImages.load()
    bytes_each = stored.size * stored.size * stored.channels
    fits = stored.cached and test.table.height * bytes_each <= 1e9 * settings.cache_gb
    replace(stored, cached=fits).write(folder / STORED.name)
    file = folder / "test.npy" if fits else None
    counts = store(test, file, stored.size, stored.channels, skip=True).counts
    for why, count in counts.items():
        note(f"{count} test images are {why}: black images replace them.")
    return test.with_paths()


def store(split: Images, file: Path | None, size: int, channels: int, skip: bool) -> Stored:
    """Decode the split's images and write them to `file` as a `.npy` array, rows in order.

    Args:
        split: the images.
        file: where to write; None to read and check only, for what does not fit.
        size: pixels a side.
        channels: 1 for grey, 3 for colour.
        skip: count missing and broken images rather than refuse them.

    Raises:
        Fault: without `skip`, naming the bad images.
    """
    rows = split.table.height
    out = None
    if file is not None:
        shape = (rows, size, size, channels)
        out = np.lib.format.open_memmap(file, mode="w+", dtype=np.uint8, shape=shape)
    stored, bad = Stored(), []
    for row, pixels in enumerate(_decoded(split, size, channels)):
        stored.keep.append(not isinstance(pixels, str))
        if isinstance(pixels, str):
            bad.append(f"{split.paths[row] or _named(split, row)} ({pixels})")
            stored.counts[pixels.split(":")[0]] += 1
            stored.hashes.append(f"bad {row}")
            stored.near.append(f"bad {row}")
            continue
        if out is not None:
            out[row] = pixels
        image = as_image(pixels)
        stored.hashes.append(digest([pixels.tobytes()]))
        stored.near.append(str(imagehash.dhash(image)))
        stored.thumbnails.append(perceptual_hash.reduce(image))
    if bad and not skip:
        more = f" and {len(bad) - 5} more" if len(bad) > 5 else ""
        raise Fault(
            f"{len(bad)} of {rows} images can't be read: {'; '.join(bad[:5])}{more}.",
            "Download them again, or set `on_bad_row: skip` under `data` in params.yaml.",
        )
    if out is not None:
        out.flush()
    return stored


def _named(split: Images, row: int) -> str:
    return f"the image of row {split.table.select(~cs.starts_with(OWN)).row(row)[:3]}"


def _decoded(split: Images, size: int, channels: int) -> Iterable[Pixels | str]:
    """Yield for each row its pixels, or a string that says why there are none."""

    def from_file(path: Path | None) -> Pixels | str:
        if path is None:
            return "missing"
        try:
            return decode(path, size, channels)
        except UnreadableImage as error:
            return str(error)

    def from_pixels(pixels: Pixels) -> Pixels:
        return resize(as_image(pixels), size).reshape(size, size, channels)

    def in_turn() -> Iterator[Pixels | str]:
        with ThreadPoolExecutor(os.cpu_count()) as pool:  # piece by piece: they may not all fit
            for start in range(0, split.table.height, _AT_ONCE):
                piece = slice(start, start + _AT_ONCE)
                if split.pixels is None:
                    yield from pool.map(from_file, split.paths[piece])
                else:
                    yield from pool.map(from_pixels, split.pixels[piece])

    quiet, total = not sys.stdout.isatty(), split.table.height
    yield from track(in_turn(), "decoding", total, transient=True, disable=quiet)
