"""AutoGluon's tabular predictor on a project's folds; runs in an environment of its own.

python autogluon_baseline.py TASK.json OUT.json, where TASK has `train` (a Parquet file with `id`
and `fold`), `test` (CSV), `target`, `metric` (AutoGluon's name) and `seconds` (for all folds
together, and once more for the model of all rows). OUT has predictions by id, and the folds'
seconds.
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pandas as pd
from autogluon.tabular import TabularPredictor  # type: ignore[import-not-found]


def predict(
    known: pd.DataFrame, rows: pd.DataFrame, target: str, metric: str, seconds: float
) -> dict[str, Any]:
    """Train on `known` and return the predictions for `rows`, by id.

    AutoGluon recommends `best_quality` where accuracy counts. Its trial run, which finds out
    whether stacking helps, needs more time than there is.

    Args:
        known: rows with targets.
        rows: rows to predict.
        target: the column to predict.
        metric: AutoGluon's name.
        seconds: the limit for training.
    """
    inputs = [
        name
        for name in rows.columns
        if name not in ("id", target) and not name.startswith("compete:")
    ]
    with tempfile.TemporaryDirectory() as folder:
        predictor = TabularPredictor(target, eval_metric=metric, path=folder, verbosity=0)
        predictor.fit(
            known[[*inputs, target]],
            time_limit=seconds,
            presets="best_quality",
            dynamic_stacking=False,
        )
        if metric == "roc_auc":
            found = predictor.predict_proba(rows[inputs])[max(known[target])]
        else:
            found = predictor.predict(rows[inputs])
    return dict(zip(rows["id"].astype(str), found.tolist(), strict=True))


def main(task: str, out: str) -> None:
    """Predict the test rows from all rows, and each fold from the others."""
    facts = json.loads(Path(task).read_text(encoding="utf-8"))
    test = pd.read_csv(facts["test"])
    # Without the columns that `prepare` adds, which test rows do not have.
    train = pd.read_parquet(facts["train"])[[*test.columns, facts["target"], facts["fold"]]]
    wanted = (facts["target"], facts["metric"])
    folds = sorted(train[facts["fold"]].unique())
    # The test rows first: the first model imports libraries, and these seconds do not count.
    of_test = predict(train, test, *wanted, facts["seconds"])
    oof: dict[str, Any] = {}
    start = time.perf_counter()
    for fold in folds:
        validates = train[facts["fold"]] == fold
        limit = facts["seconds"] / len(folds)
        oof |= predict(train[~validates], train[validates], *wanted, limit)
    seconds = time.perf_counter() - start
    found = {"oof": oof, "test": of_test, "seconds": seconds}
    Path(out).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
