"""Writes a table, of which some rows are hidden, as a practice competition."""

from pathlib import Path

import polars as pl
from practice_kaggle.datasets.folder import new_folder, usage, write_settings


def write_competition(
    folder: Path, name: str, table: pl.DataFrame, hidden: pl.Series, metric: str, *, is_class: bool
) -> Path:
    """Write a practice folder.

    Args:
        folder: to write.
        name: of the competition.
        table: the rows; the first column names them, the last is to be predicted.
        hidden: for each row whether it is.
        metric: Kaggle's name.
        is_class: whether the target is a class, not a number.
    """
    key, target = table.columns[0], table.columns[-1]
    test = table.filter(hidden)
    blank = pl.lit(0.5 if metric.startswith("Area") else test[target][0] if is_class else 0)
    with new_folder(folder) as new:
        table.filter(~hidden).write_csv(new / "data/train.csv")
        test.drop(target).write_csv(new / "data/test.csv")
        sample = test.select(key, blank.alias(target))
        sample.write_csv(new / "data/sample_submission.csv")
        marks = usage(test[target].rank("ordinal").to_numpy() * 10 // (test.height + 1))
        test.select(key, target).with_columns(marks).write_csv(new / "private/solution.csv")
        sample.write_csv(new / "private/baselines/sample.csv")
        write_settings(
            new,
            {
                "slug": f"practice-{name}",
                "title": f"Practice: {name}",
                "metric": metric,
                "id_column": key,
                "target_columns": [target],
                "deadline": "2030-01-01T00:00:00Z",
                "max_daily_submissions": 5,
                "kernels_only": False,
                "reveal_private": True,
            },
        )
    return folder
