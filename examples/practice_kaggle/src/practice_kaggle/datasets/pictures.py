"""Competitions that ask for new images like those that are there."""

import gzip
import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import PracticeError
from ..generative.competition import JUDGE
from ..generative.judge import Judge
from ..metrics import Array
from .folder import new_folder, write_settings
from .pixels import sklearn_digits, split

_README = """\
# {title}

`images/` holds {count:,} PNG files of {side} x {side} pixels, in grey: {what}.
Submit `images.zip` with {low:,} to {high:,} new ones.

{source}
"""
_STAMP = (2026, 1, 1, 0, 0, 0)


def fashion_mnist(source: Path) -> tuple[Array, Array]:
    """Return the 60,000 training images of Fashion-MNIST (Xiao et al., 2017; MIT licence).

    Args:
        source: a folder that holds `train-images-idx3-ubyte.gz` and `train-labels-idx1-ubyte.gz`,
            such as Debian's package `dataset-fashion-mnist` unpacked.

    Returns:
        Images (n, 28, 28) uint8, and labels (n,).

    Raises:
        PracticeError: the files are missing or no such files.
    """
    images = _read_idx(source, "train-images-idx3-ubyte.gz", 3)
    return images, _read_idx(source, "train-labels-idx1-ubyte.gz", 1).astype(np.int64)


def _read_idx(source: Path, name: str, axes: int) -> Array:
    """Return what is in a file of the IDX format of MNIST."""
    path = next(iter(sorted(source.rglob(name))), None)
    if path is None:
        raise PracticeError(
            f"{source} holds no {name}. Unpack Debian's package: `apt-get download "
            "dataset-fashion-mnist`, then `dpkg-deb -x dataset-fashion-mnist_*.deb fashion`."
        )
    data = gzip.decompress(path.read_bytes())
    shape = tuple(np.frombuffer(data, ">u4", axes, offset=4).tolist())
    if data[:4] != bytes([0, 0, 8, axes]) or len(data) != 4 + 4 * axes + int(np.prod(shape)):
        raise PracticeError(f"{path} is no IDX file of bytes: it is damaged, fetch it again.")
    values: Array = np.frombuffer(data, np.uint8, offset=4 + 4 * axes).reshape(shape)
    return values


def make_fashion(folder: Path, source: Path) -> Path:
    """Make the competition of Fashion-MNIST: 6,000 images are given, 2,000 judge.

    Args:
        folder: the practice folder to write.
        source: where Fashion-MNIST lies.

    Raises:
        PracticeError: files of it are missing.
    """
    images, labels = fashion_mnist(source)
    rows, _ = split(labels, len(labels) - 8000)
    facts = {
        "slug": "practice-fashion",
        "title": "Practice: new clothes",
        "what": "photographs of clothes",
        "source": "They are from Fashion-MNIST, © 2017 Zalando SE, MIT licence.",
    }
    return _make(folder, images[rows], labels[rows], 2000, facts, (1000, 2000))


def make_digit_pictures(folder: Path) -> Path:
    """Make the competition of scikit-learn's digits: 1,297 images are given, 500 judge."""
    facts = {
        "slug": "practice-digit-pictures",
        "title": "Practice: new digits",
        "what": "handwritten digits",
        "source": "They are from scikit-learn's copy of UCI's digits, enlarged.",
    }
    return _make(folder, *sklearn_digits(), 500, facts, (100, 1000))


def _make(
    folder: Path,
    images: Array,
    labels: Array,
    hidden: int,
    facts: dict[str, Any],
    count: tuple[int, int],
) -> Path:
    given, unseen = split(labels, hidden)
    side, (low, high) = images.shape[1], count
    with new_folder(folder) as new:
        _write(new / "data/images", images[given])
        text = _README.format(count=len(given), side=side, low=low, high=high, **facts)
        (new / "data/README.md").write_text(text, encoding="utf-8")
        Judge.train(images[given], labels[given], images[unseen]).save(new / JUDGE)
        baselines = new / "private/baselines"
        generator = np.random.default_rng(0)
        noise = generator.integers(0, 256, (low, side, side), dtype=np.uint8)
        _zip(baselines / "noise.zip", noise)
        _zip(baselines / "training-images-copied.zip", images[given[:low]])
        _zip(baselines / "mean-of-two-images.zip", _blend(images[given[: 2 * low]]))
        write_settings(
            new,
            {
                "slug": facts["slug"],
                "title": facts["title"],
                "metric": "MiFID",
                "images_min": low,
                "images_max": high,
                "image_size": side,
                "image_mode": "L",
                "image_format": "PNG",
                "deadline": "2030-01-01T00:00:00Z",
                "max_daily_submissions": 5,
                "reveal_private": True,
            },
        )
    return folder


def _blend(images: Array) -> Array:
    first, second = np.array_split(images.astype(np.uint16), 2)
    mixed: Array = ((first + second[: len(first)]) // 2).astype(np.uint8)
    return mixed


def _write(folder: Path, images: Array) -> None:
    folder.mkdir(parents=True)
    for number, image in enumerate(images):
        (folder / f"{number:05d}.png").write_bytes(_png(image))


def _zip(path: Path, images: Array) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number, image in enumerate(images):
            archive.writestr(zipfile.ZipInfo(f"{number:05d}.png", _STAMP), _png(image))


def _png(image: Array) -> bytes:
    from PIL import Image

    made = io.BytesIO()
    Image.fromarray(image).save(made, "PNG")
    return made.getvalue()
