"""The same digits as image files: with a table of labels, or in a folder for each class."""

from pathlib import Path

import numpy as np
import polars as pl

from ..metrics import Array
from .folder import new_folder, usage, write_baselines, write_settings
from .pixels import sklearn_digits, split

_HIDDEN = 599
_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def make_digit_files(folder: Path) -> Path:
    """Make a competition of PNG files and a train.csv, which asks for class probabilities."""
    images, labels = sklearn_digits()
    train, test = split(labels, _HIDDEN)
    ids = np.array([f"d{i:04d}" for i in np.random.default_rng(0).permutation(len(labels))])
    with new_folder(folder) as new:
        _write_images(new / "data/train", images[train], [f"{i}.png" for i in ids[train]])
        _write_images(new / "data/test", images[test], [f"{i}.png" for i in ids[test]])
        table = pl.DataFrame({"id": ids[train], "label": labels[train]})
        table.write_csv(new / "data/train.csv")
        key = pl.Series("id", ids[test])
        classes = [str(digit) for digit in range(10)]
        sample = pl.DataFrame([key]).with_columns(pl.lit(0.1).alias(c) for c in classes)
        sample.write_csv(new / "data/sample_submission.csv")
        solution = pl.DataFrame([key, pl.Series("label", labels[test]), usage(labels[test])])
        solution.write_csv(new / "private/solution.csv")
        flat = images.reshape(len(images), -1) / 255
        write_baselines(new, flat[train], labels[train], flat[test], key, dict(enumerate(classes)))
        write_settings(
            new,
            {
                "slug": "practice-digit-files",
                "title": "Practice: digits in files",
                "metric": "Multiclass Loss",
                "id_column": "id",
                "target_columns": ["label"],
                "deadline": "2030-01-01T00:00:00Z",
                "max_daily_submissions": 5,
                "kernels_only": False,
                "reveal_private": True,
            },
        )
    return folder


def make_digit_folders(folder: Path) -> Path:
    """Make a competition of PNG files in a folder for each class, which asks for the class."""
    images, labels = sklearn_digits()
    train, test = split(labels, _HIDDEN)
    names = np.array(_WORDS)[labels]
    with new_folder(folder) as new:
        for word in _WORDS:
            rows = train[names[train] == word]
            paths = [f"{word}_{i:03d}.png" for i in range(len(rows))]
            _write_images(new / "data/train" / word, images[rows], paths)
        files = [f"{i:04d}.png" for i in range(len(test))]
        _write_images(new / "data/test", images[test], files)
        key = pl.Series("file", files)
        sample = pl.DataFrame([key]).with_columns(digit=pl.lit(_WORDS[0]))
        sample.write_csv(new / "data/sample_submission.csv")
        solution = pl.DataFrame([key, pl.Series("digit", names[test]), usage(labels[test])])
        solution.write_csv(new / "private/solution.csv")
        flat = images.reshape(len(images), -1) / 255
        write_baselines(new, flat[train], names[train], flat[test], key, "digit")
        write_settings(
            new,
            {
                "slug": "practice-digit-folders",
                "title": "Practice: digits in folders",
                "metric": "F-Score (Macro)",
                "id_column": "file",
                "target_columns": ["digit"],
                "deadline": "2030-01-01T00:00:00Z",
                "max_daily_submissions": 5,
                "kernels_only": False,
                "reveal_private": True,
            },
        )
    return folder


def _write_images(folder: Path, images: Array, names: list[str]) -> None:
    from PIL import Image

    folder.mkdir(parents=True)
    for image, name in zip(images, names, strict=True):
        Image.fromarray(image).save(folder / name)
