"""Scores the template and well-known baselines in the same practice competitions."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
from practice_kaggle.datasets.catalogues import make_languages
from practice_kaggle.datasets.tables import TABLES, make_table
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union

from bench.competition_run import CompetitionRun, Entry, Result, prepare_run
from bench.project import SCRIPTS, command, outside
from compete.files import FOLD

# The extras that train in one process: starting ray's workers takes longer than a fold may.
_AUTOGLUON = "autogluon.tabular[catboost,fastai,lightgbm,xgboost]"
_VERSION = (
    "import importlib.metadata as m, autogluon.tabular; print(m.version('autogluon.tabular'))"
)
# From scratch, since the encoders that could be fetched know English. Ten epochs were chosen after
# the default's five had scored lower out of fold: the page says so.
_TEXT = {"data.folds": 4, "model.weights": "none", "trainer.max_epochs": 10}
_QUICK = {
    "data.folds": 2,
    "data.max_length": 8,
    "trainer.max_epochs": 1,
    "trainer.limit_train_batches": 2,
    "trainer.limit_val_batches": 2,
}


def compare(work: Path, *, quick: bool) -> tuple[list[Result], list[str]]:
    """Return all results, and sentences about what could not be measured.

    Args:
        work: the folder to work in.
        quick: texts only, hardly trained.
    """
    results, left_out = [], []
    if quick:
        left_out.append("Tables are left out of `--quick`.")
    else:
        version = _autogluon_version()
        if version is None:
            left_out.append("AutoGluon could not be installed here, so its rows are missing.")
        for kind in TABLES:
            results += _table(work, kind, version)
    results += _texts(work, _TEXT | _QUICK if quick else _TEXT)
    return results, left_out


def _table(work: Path, kind: str, version: str | None) -> list[Result]:
    run = prepare_run(work, "tabular", kind, lambda folder: make_table(kind, folder), {})
    entries = [run.run_template()]
    if version is not None:
        entries.append(_autogluon(run, version, entries[0].seconds))
    return [run.score(entry) for entry in entries]


def _texts(work: Path, changes: dict[str, Any]) -> list[Result]:
    run = prepare_run(work, "text", "languages", make_languages, changes)
    return [run.score(entry) for entry in (run.run_template(), _tfidf(run))]


def _python(*words: str) -> list[str]:
    """Return a command that runs Python with AutoGluon, which pins other versions than ours."""
    apart = ("--quiet", "--no-project", "--isolated", "--python", sys.executable)
    return ["uv", "run", *apart, "--with", _AUTOGLUON, "python", *words]


def _autogluon_version() -> str | None:
    """Return AutoGluon's version; None where it can't be installed."""
    words = _python("-c", _VERSION)
    done = subprocess.run(words, env=outside(), capture_output=True, encoding="utf-8")
    return None if done.returncode else done.stdout.strip()


def _autogluon(run: CompetitionRun, version: str, seconds: float) -> Entry:
    """Train AutoGluon on the project's folds, in as many seconds as the project took."""
    folder = run.project.path.parent
    task, out = (folder / f"{run.slug}-{name}.json" for name in ("task", "predictions"))
    metrics = {"accuracy": "accuracy", "auc": "roc_auc", "rmse": "root_mean_squared_error"}
    facts = {
        "train": str(run.project.path / "data/processed/train.parquet"),
        "test": str(run.practice / "data/test.csv"),
        "target": run.target,
        "metric": metrics[run.metric.name],
        "fold": FOLD,
        "seconds": seconds,
    }
    task.write_text(json.dumps(facts), encoding="utf-8")
    command(_python(str(SCRIPTS / "autogluon_baseline.py"), str(task), str(out)), folder)
    return Entry(f"AutoGluon {version}", **json.loads(out.read_text(encoding="utf-8")))


def _tfidf(run: CompetitionRun) -> Entry:
    """Train TF-IDF of words and parts of words, with logistic regression, on the same folds."""
    train, test = run.train, run.test

    def predict(known: pl.DataFrame, rows: pl.DataFrame) -> dict[str, str]:
        parts = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True)
        words = TfidfVectorizer(sublinear_tf=True)
        model = make_pipeline(make_union(parts, words), LogisticRegression(max_iter=1000))
        model.fit(known["text"].to_list(), known[run.target].to_list())
        found = model.predict(rows["text"].to_list())
        return dict(zip(rows["id"].cast(pl.String), found, strict=True))

    start = time.perf_counter()
    oof: dict[str, str] = {}
    for fold in train[FOLD].unique().sort():
        validates = pl.col(FOLD) == fold
        oof |= predict(train.filter(~validates), train.filter(validates))
    seconds = time.perf_counter() - start
    return Entry("TF-IDF, logistic regression", oof, predict(train, test), seconds)
