"""AutoGluon's tabular predictor on a project's folds; runs in an environment of its own.

python autogluon_rival.py TASK.json OUT.json, where TASK has `train` (a Parquet file with `id` and
`fold`), `test` (CSV), `target`, `metric` (by AutoGluon's name) and `seconds` (for all folds
together, and once more for the model of all rows). OUT is answers by id, and the folds' seconds.
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pandas as pd
from autogluon.tabular import TabularPredictor


def answers(
    known: pd.DataFrame, asked: pd.DataFrame, target: str, metric: str, seconds: float
) -> dict[str, Any]:
    """Train on `known` for so many seconds; answers for `asked`, by id.

    `best_quality` is what AutoGluon recommends where accuracy counts. Its trial run, which finds
    out whether stacking pays, needs more time than there is.
    """
    inputs = [name for name in asked.columns if name not in ("id", target, "fold")]
    with tempfile.TemporaryDirectory() as folder:
        predictor = TabularPredictor(target, eval_metric=metric, path=folder, verbosity=0)
        predictor.fit(
            known[[*inputs, target]],
            time_limit=seconds,
            presets="best_quality",
            dynamic_stacking=False,
        )
        if metric == "roc_auc":
            found = predictor.predict_proba(asked[inputs])[max(known[target])]
        else:
            found = predictor.predict(asked[inputs])
    return dict(zip(asked["id"].astype(str), found.tolist(), strict=True))


def main(task: str, out: str) -> None:
    """Answer for the test rows by all rows, and for each fold by the others."""
    facts = json.loads(Path(task).read_text(encoding="utf-8"))
    test = pd.read_csv(facts["test"])
    # What `prepare` adds to the columns that competitors get would not be there for test rows.
    train = pd.read_parquet(facts["train"])[[*test.columns, facts["target"], "fold"]]
    wanted = (facts["target"], facts["metric"])
    folds = sorted(train["fold"].unique())
    # First, since it has time for it: the first model loads libraries, which takes seconds.
    hidden = answers(train, test, *wanted, facts["seconds"])
    oof: dict[str, Any] = {}
    start = time.perf_counter()
    for fold in folds:
        inside = train["fold"] == fold
        limit = facts["seconds"] / len(folds)
        oof |= answers(train[~inside], train[inside], *wanted, limit)
    seconds = time.perf_counter() - start
    found = {"oof": oof, "hidden": hidden, "seconds": seconds}
    Path(out).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
