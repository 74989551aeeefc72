"""Finds the tables and the images among the files of an image competition.

Four layouts are understood: a table of labels beside a folder of images, a folder for each class,
the class in front of a file's name, as in `cat.17.jpg`, and pixels in the columns of a table.
"""

import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from compete.contract import Competition
from compete.errors import Fault
from compete.files import IMAGE, ROW_ID
from compete.supervised.reading import Reading, Split
from compete.supervised.tables import Tables, find_tables
from compete.tasks.image.image_index import ImageIndex

SUFFIXES = {".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"}
_PIXEL = re.compile(r"^(?:pixel|pix|px|p|x|feature)?[ _.]?\d+(?:x\d+)?$", re.IGNORECASE)
_MIN_PIXELS = 36


@dataclass
class Images(Split):
    """The rows of one split: a table, and for each row a image's path or its pixels.

    Args:
        paths: a path for each row, None where the image is missing; empty if `pixels` is there.
        pixels: uint8 array `(rows, height, width, channels)` for pixels in columns.
    """

    paths: list[Path | None]
    pixels: NDArray[np.uint8] | None = None

    def where(self, good: list[bool]) -> "Images":
        """Return the rows for which `good` holds."""
        pixels = self.pixels[np.array(good)] if self.pixels is not None else None
        paths = [path for path, keep in zip(self.paths, good, strict=False) if keep]
        return Images(self.table.filter(pl.Series(good)), paths, pixels)

    def with_paths(self) -> pl.DataFrame:
        """Return the table with the column `IMAGE`: each row's file, if it lies in one."""
        paths = [path.as_posix() if path else None for path in self.paths]
        paths = paths or [None] * self.table.height
        return self.table.with_columns(pl.Series(IMAGE, paths, dtype=pl.String))


def load(raw: Path, asked: Competition) -> Reading[Images]:
    """Read the competition's files under `raw`. Raise `Fault` if a part can't be found."""
    tables = find_tables(raw, asked)
    images = sorted(path for path in raw.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not images:
        if tables.train is None or tables.test is None:
            raise Fault(
                f"{raw} contains no images, and no train and test tables with pixels in columns.",
                "Is this an image competition? If so, run `compete download` again; or name the "
                "tables by `train_table:` and `test_table:` under `competition` in params.yaml.",
            )
        names = str(tables.train_path), str(tables.test_path)
        train, test = _from_pixels(tables.train, names[0]), _from_pixels(tables.test, names[1])
        return tables.reading(train, test)
    index = ImageIndex(raw, images)
    if tables.train is not None:
        train = _from_files(tables.train, index, "train", str(tables.train_path), tables)
        train_name = None
    else:
        train = _from_folders(raw, images, index, tables)
        train_name = f"the folders in {raw.as_posix()}"
    test_table = tables.sample_rows if tables.test is None else tables.test
    test_name = tables.sample_path if tables.test is None else tables.test_path
    test = _from_files(test_table, index, "test", str(test_name), tables)
    return tables.reading(train, test, train_name)


def _from_pixels(table: pl.DataFrame, path: str) -> Images:
    columns = [
        name for name, dtype in table.schema.items() if _PIXEL.match(name) and dtype.is_numeric()
    ]
    if len(columns) < _MIN_PIXELS:
        raise Fault(
            f"{path} has no columns of pixels, and there are no image files.",
            "Is this an image competition? If so, run `compete download` again.",
        )
    pixels = table.select(columns)
    values = pixels.to_numpy()
    if values.size and (np.isnan(values).any() if values.dtype.kind == "f" else False):
        raise Fault(f"{path} has empty pixels.", "Run `compete download` again.")
    if values.max(initial=0) <= 1:
        values = values * 255
    if values.min(initial=0) < 0 or values.max(initial=0) > 255:
        raise Fault(f"{path} has pixels outside 0..255.", "Scale them to 0..255.")
    return Images(table.drop(columns), [], _as_images(values.round().astype(np.uint8), path))


def _as_images(flat: NDArray[np.uint8], path: str) -> NDArray[np.uint8]:
    """Return rows of pixels as square images: grey, or colour in the smoother order."""
    count = flat.shape[1]
    side = math.isqrt(count)
    if side * side == count:
        return flat.reshape(-1, side, side, 1)
    side = math.isqrt(count // 3)
    if 3 * side * side != count:
        raise Fault(
            f"{path} has {count} columns of pixels, which is not the size of a square image.",
            "Only square images, grey or RGB, are read from columns.",
        )
    planes = flat.reshape(-1, 3, side, side).transpose(0, 2, 3, 1)
    pixels = flat.reshape(-1, side, side, 3)

    def roughness(images: NDArray[np.uint8]) -> float:
        return float(np.abs(np.diff(images[:256].astype(np.int16), axis=2)).mean())

    return min(planes, pixels, key=roughness)


def _from_files(
    table: pl.DataFrame, index: ImageIndex, split: str, source: str, tables: Tables
) -> Images:
    """Return the table with each row's image, found by the column that names most of them."""
    head = table.head(200)
    columns = [name for name, dtype in table.schema.items() if not dtype.is_float()]
    hits = {
        name: sum(index.find(value, split) is not None for value in head[name]) for name in columns
    }
    best = max(columns, key=hits.__getitem__, default=None)
    if best is None or not hits[best]:
        for name in columns:
            if not head[name].is_duplicated().any():
                index.refuse_several(head[name], split, name, source)
        raise Fault(
            f"No column of {source} names the images of the {split} rows.",
            "Check that the images were unpacked: run `compete download` again. Or write a table "
            f"whose column holds each image's path below {index.raw}, and name it by "
            f"`{split}_table:` under `competition` in params.yaml.",
        )
    shown = {index.find(value, split) for value in head[best]}
    others = [
        repr(name)
        for name in columns
        if hits[name] == hits[best] and shown.isdisjoint(index.find(v, split) for v in head[name])
    ]
    if others and (path := Path(source)) in tables.used:
        tables.used[path] += f"; images by {best!r}, and not by {', '.join(others)}"
    index.refuse_namesakes(table[best], split, source)
    return Images(table, [index.find(value, split) for value in table[best]])


def _from_folders(raw: Path, images: list[Path], index: ImageIndex, tables: Tables) -> Images:
    """Training images whose folder, or whose file's name, tells the label."""
    tested = {index.find(value, "test") for value in tables.sample_rows[ROW_ID]}
    paths = [path for path in images if path not in tested]
    paths = [path for path in paths if "test" not in path.relative_to(raw).parts[0].lower()]
    labels = [path.parent.name if path.parent != raw else "" for path in paths]
    if len(set(labels)) < 2:
        labels = [_label_in_name(path) for path in paths]
    known = [(path, label) for path, label in zip(paths, labels, strict=True) if label]
    if len({label for _, label in known}) < 2:
        raise Fault(
            f"{raw} has no table of labels, no folders named after classes, and no images whose "
            "names begin with a class, as `cat.17.jpg`.",
            "Put a table of labels there, and name it by `train_table:` under `competition` in "
            "params.yaml.",
        )
    ids = [path.relative_to(raw).as_posix() for path, _ in known]
    name = tables.id_column or "image"
    table = pl.DataFrame({name: ids, "label": [label for _, label in known]})
    return Images(table, [path for path, _ in known])


def _label_in_name(path: Path) -> str:
    """Return the words in front of a file's number: `cat` of `cat.17.jpg`."""
    found = re.fullmatch(r"(.*[A-Za-z])[ ._-]*\d+", path.stem)
    return found[1] if found else ""
