"""Trains what one would use instead on a table, and predicts its hidden rows. Runs apart.

Usage: arena_rivals.py TASK.json OUT.json
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from autogluon.tabular import TabularPredictor  # type: ignore[import-not-found]
from catboost import CatBoostClassifier, CatBoostRegressor
from lightgbm import LGBMClassifier, LGBMRegressor, early_stopping  # type: ignore[import-not-found]
from sklearn.model_selection import train_test_split

_PATIENCE = 50
_MOST_LEVELS = 0.5  # of the rows: a column of more different words is text


def autogluon(train: pd.DataFrame, test: pd.DataFrame, task: dict[str, Any]) -> Any:
    """Return what AutoGluon's `best_quality` predicts, trained for as long as the task says."""
    with tempfile.TemporaryDirectory() as folder:
        predictor = TabularPredictor(
            "target", eval_metric=task["autogluon"], path=folder, verbosity=0
        )
        predictor.fit(
            train, time_limit=task["seconds"], presets="best_quality", dynamic_stacking=False
        )
        if task["kind"] == "probability":
            return predictor.predict_proba(test)[max(train["target"])]
        return predictor.predict(test)


def lightgbm(train: pd.DataFrame, test: pd.DataFrame, task: dict[str, Any]) -> Any:
    """Return what LightGBM predicts: categories as such, stopped by a fifth of the rows."""
    known, rest = _categories(train, test)
    one, two = train_test_split(known, test_size=0.2, random_state=task["seed"])
    made = LGBMRegressor if task["kind"] == "value" else LGBMClassifier
    model = made(
        n_estimators=2000, learning_rate=0.05, random_state=task["seed"], verbosity=-1, n_jobs=2
    )
    parts = [part.drop(columns="target") for part in (one, two)]
    model.fit(
        parts[0],
        one["target"],
        eval_set=[(parts[1], two["target"])],
        callbacks=[early_stopping(_PATIENCE, verbose=False)],
    )
    return _predicted(model, rest, task)


def catboost(train: pd.DataFrame, test: pd.DataFrame, task: dict[str, Any]) -> Any:
    """Return what CatBoost predicts: categories as such, stopped by a fifth of the rows."""
    known, rest = _categories(train, test)
    names = list(known.select_dtypes("category").columns)
    for table in (known, rest):
        table[names] = table[names].astype(str)
    one, two = train_test_split(known, test_size=0.2, random_state=task["seed"])
    made = CatBoostRegressor if task["kind"] == "value" else CatBoostClassifier
    options = {"iterations": 2000, "early_stopping_rounds": _PATIENCE, "random_seed": task["seed"]}
    model = made(**options, verbose=False, allow_writing_files=False, thread_count=2)
    parts = [part.drop(columns="target") for part in (one, two)]
    model.fit(parts[0], one["target"], names, eval_set=(parts[1], two["target"]))
    return _predicted(model, rest, task)


def _predicted(model: Any, rows: pd.DataFrame, task: dict[str, Any]) -> Any:
    if task["kind"] == "probability":
        return model.predict_proba(rows)[:, 1]
    return np.asarray(model.predict(rows)).ravel()


def _categories(train: pd.DataFrame, test: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return both tables with dates as numbers, words as categories, and without texts."""
    target = train["target"]  # apart: beside rows without one, whole numbers would become floats
    both = pd.concat([train.drop(columns="target"), test], keys=["train", "test"])
    for name in both.select_dtypes(["object", "string"]).columns:
        dates = pd.to_datetime(both[name], format="%Y-%m-%d", errors="coerce")
        if dates.notna().all():
            both[name] = dates.astype("int64") // 86_400_000_000_000
            both[f"{name} month"], both[f"{name} day"] = dates.dt.month, dates.dt.dayofweek
        elif both[name].nunique() > _MOST_LEVELS * len(both):
            both = both.drop(columns=name)
        else:
            both[name] = both[name].astype("category")
    return both.loc["train"].assign(target=target), both.loc["test"].copy()


RIVALS: dict[str, Callable[..., Any]] = {
    "AutoGluon": autogluon,
    "LightGBM": lightgbm,
    "CatBoost": catboost,
}


def main(path: str, out: str) -> None:
    """Write the predictions and the seconds of each, by its name."""
    task = json.loads(Path(path).read_text(encoding="utf-8"))
    train, test = (pd.read_csv(task[split]) for split in ("train", "test"))
    ids = test.pop("id").astype(str)
    train = train.drop(columns="id").rename(columns={task["target"]: "target"})
    if task["log"]:
        train["target"] = np.log1p(train["target"])
    found = {}
    for name, predict in RIVALS.items():
        start = time.perf_counter()
        values = np.asarray(predict(train, test.copy(), task))
        if task["log"]:
            values = np.expm1(values).clip(min=0)
        found[name] = {
            "predictions": dict(zip(ids, values.tolist(), strict=True)),
            "seconds": time.perf_counter() - start,
        }
    Path(out).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
