"""Writes a practice folder, whole or not at all, with the same bytes every time."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import yaml

from ..errors import PracticeError
from ..metrics import Array
from ..settings import FILE_NAME
from ..site import open_competition

# The time of all files, so that a folder made again serves what it served before.
_WRITTEN = 1_767_225_600  # 2026-01-01 UTC


def check_free(folder: Path) -> None:
    """Raise `PracticeError` if a folder holds anything but an earlier practice folder."""
    other = folder.exists() and not (folder / FILE_NAME).exists()
    if other and (not folder.is_dir() or any(folder.iterdir())):
        raise PracticeError(f"{folder} is not empty and not a practice folder. Name another one.")


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Yield a folder to fill; at the end it replaces an earlier practice folder.

    Raises:
        PracticeError: `folder` holds anything else.
    """
    check_free(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        (temporary / "data").mkdir()
        (temporary / "private" / "baselines").mkdir(parents=True)
        yield temporary
        for path in temporary.rglob("*"):
            if path.is_file():
                os.utime(path, (_WRITTEN, _WRITTEN))
        temporary.chmod(0o755)
        if folder.exists():
            shutil.rmtree(folder)
        temporary.replace(folder)
        # Keep the scores of the baselines, so that the first leaderboard is quick.
        open_competition(folder, lambda: datetime.now(UTC)).leaderboard(private=False)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def write_settings(folder: Path, settings: dict[str, Any]) -> None:
    """Write competition.yaml."""
    text = yaml.safe_dump(settings, sort_keys=False, allow_unicode=True)
    (folder / FILE_NAME).write_text(text, encoding="utf-8")


def usage(labels: Array, public: float = 1 / 3) -> pl.Series:
    """Return `Public` or `Private` for each hidden row.

    Args:
        labels: of the hidden rows.
        public: the part of each class that is public.
    """
    marks = np.full(len(labels), "Private", dtype=object)
    generator = np.random.default_rng(0)
    for label in np.unique(labels):
        rows = generator.permutation(np.flatnonzero(labels == label))
        marks[rows[: round(len(rows) * public)]] = "Public"
    return pl.Series("Usage", marks.tolist())


def write_baselines(
    folder: Path,
    train: Array,
    labels: Array,
    hidden: Array,
    ids: pl.Series,
    target: str | dict[Any, str],
    *,
    values: bool = False,
) -> None:
    """Write submissions of simple models on flat features, for the leaderboard.

    Args:
        folder: the practice folder.
        train: features of the training rows.
        labels: of the training rows.
        hidden: features of the hidden rows.
        ids: of the hidden rows.
        target: the column of labels or values; or for each class its column of probabilities.
        values: whether the labels are numbers to predict, not classes.
    """
    for name, model in (_regressors() if values else _classifiers()).items():
        model.fit(train, labels)
        if isinstance(target, str):
            columns = [pl.Series(target, model.predict(hidden))]
        else:
            chances = model.predict_proba(hidden)
            pairs = zip(model.classes_, chances.T, strict=True)
            columns = [pl.Series(target[k], chance) for k, chance in pairs if k in target]
        file = f"{name.lower().replace(' ', '-')}.csv"
        pl.DataFrame([ids, *columns]).write_csv(folder / "private" / "baselines" / file)


def _classifiers() -> dict[str, Any]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import GaussianNB
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.tree import DecisionTreeClassifier

    return {
        "Naive Bayes": GaussianNB(var_smoothing=0.01),
        "Decision tree": DecisionTreeClassifier(random_state=0),
        "Logistic regression": LogisticRegression(max_iter=50, tol=1e-2),
        "Ten neighbours": KNeighborsClassifier(10),
    }


def _regressors() -> dict[str, Any]:
    from sklearn.dummy import DummyRegressor
    from sklearn.linear_model import Ridge
    from sklearn.neighbors import KNeighborsRegressor
    from sklearn.tree import DecisionTreeRegressor

    return {
        "Mean": DummyRegressor(),
        "Decision tree": DecisionTreeRegressor(random_state=0),
        "Ridge regression": Ridge(),
        "Ten neighbours": KNeighborsRegressor(10),
    }
