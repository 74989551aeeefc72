"""Tables of real measurements, with names, numbers and text as competitions have them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from ..metrics import Array
from .folder import new_folder, usage, write_baselines, write_settings

_HIDDEN = 0.3


@dataclass(frozen=True)
class _Table:
    """A data set of scikit-learn, and the competition that it becomes.

    Args:
        slug: of the competition.
        title: of the competition.
        loader: the name of scikit-learn's function.
        target: the column to predict.
        metric: its name on Kaggle.
        classes: whether the target is the name of a class, and not a number.
        options: of the loader.
    """

    slug: str
    title: str
    loader: str
    target: str
    metric: str
    classes: bool = True
    options: tuple[tuple[str, Any], ...] = ()


TABLES = {
    "breast-cancer": _Table(
        "practice-breast-cancer",
        "Practice: tumours",
        "load_breast_cancer",
        "diagnosis",
        "Area Under Receiver Operating Characteristic Curve",
    ),
    "wine": _Table(
        "practice-wine", "Practice: wines", "load_wine", "cultivar", "Categorization Accuracy"
    ),
    "diabetes": _Table(
        "practice-diabetes",
        "Practice: diabetes",
        "load_diabetes",
        "progression",
        "Root Mean Squared Error",
        classes=False,
        options=(("scaled", False),),
    ),
}


def make_table(kind: str, folder: Path) -> Path:
    """Make a competition of a table: 70 % of the rows train, the others are hidden.

    Args:
        kind: one of `TABLES`.
        folder: the practice folder to write.
    """
    from sklearn import datasets
    from sklearn.model_selection import train_test_split

    table = TABLES[kind]
    data = getattr(datasets, table.loader)(**dict(table.options))
    labels: Array = data.target_names[data.target] if table.classes else data.target
    names = [str(name).replace(" ", "_") for name in data.feature_names]
    inputs = pl.DataFrame(data.data, schema=names)
    whole = [name for name in names if (inputs[name] % 1 == 0).all()]
    inputs = inputs.with_columns(pl.col(whole).cast(pl.Int64))
    strata = labels if table.classes else np.argsort(np.argsort(labels)) * 10 // len(labels)
    train, test = train_test_split(
        np.arange(len(labels)), test_size=_HIDDEN, stratify=strata, random_state=0
    )
    ids = pl.Series("id", np.random.default_rng(0).permutation(len(labels)) + 1)
    binary = table.metric.startswith("Area")
    # A submission holds the probability of the last of the two classes, in sorted order.
    truth = (labels == max(labels)).astype(int) if binary else labels
    with new_folder(folder) as new:
        known = pl.DataFrame([ids[train.tolist()], *inputs[train.tolist()].iter_columns()])
        known = known.with_columns(pl.Series(table.target, labels[train].tolist()))
        known.write_csv(new / "data/train.csv")
        key = ids[test.tolist()]
        pl.DataFrame([key, *inputs[test.tolist()].iter_columns()]).write_csv(new / "data/test.csv")
        blank = 0.5 if binary else labels[0] if table.classes else 0.0
        sample = pl.DataFrame([key]).with_columns(pl.lit(blank).alias(table.target))
        sample.write_csv(new / "data/sample_submission.csv")
        marks = usage(strata[test])
        solution = [key, pl.Series(table.target, truth[test].tolist()), marks]
        pl.DataFrame(solution).write_csv(new / "private/solution.csv")
        scaled = (data.data - data.data[train].mean(axis=0)) / data.data[train].std(axis=0)
        target = {1: table.target} if binary else table.target
        write_baselines(
            new,
            scaled[train],
            truth[train],
            scaled[test],
            key,
            target,
            values=not table.classes,
        )
        write_settings(
            new,
            {
                "slug": table.slug,
                "title": table.title,
                "metric": table.metric,
                "id_column": "id",
                "target_columns": [table.target],
                "deadline": "2030-01-01T00:00:00Z",
                "max_daily_submissions": 5,
                "kernels_only": False,
                "reveal_private": True,
            },
        )
    return folder
