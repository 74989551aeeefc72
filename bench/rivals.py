"""Lets the template and what one would use instead answer the same practice competitions."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
from contest import Contest, Entry, Result, open_contest
from practice_kaggle.make.catalogues import make_languages
from practice_kaggle.make.tables import TABLES, make_table
from project import INSIDE, command, outside
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union

# What trains in one process: its workers of ray alone take longer to start than a fold may.
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
    """The results of all, and sentences about what could not be measured."""
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
    contest = open_contest(work, "tabular", kind, lambda folder: make_table(kind, folder), {})
    entries = [contest.ours()]
    if version is not None:
        entries.append(_autogluon(contest, version, entries[0].seconds))
    return [contest.judge(entry) for entry in entries]


def _texts(work: Path, changes: dict[str, Any]) -> list[Result]:
    contest = open_contest(work, "text", "languages", make_languages, changes)
    return [contest.judge(entry) for entry in (contest.ours(), _tfidf(contest))]


def _python(*words: str) -> list[str]:
    """Python with AutoGluon, in an environment of its own: it asks for other versions than we."""
    apart = ("--quiet", "--no-project", "--isolated", "--python", sys.executable)
    return ["uv", "run", *apart, "--with", _AUTOGLUON, "python", *words]


def _autogluon_version() -> str | None:
    """AutoGluon's version; None where it can't be installed."""
    words = _python("-c", _VERSION)
    done = subprocess.run(words, env=outside(), capture_output=True, encoding="utf-8")
    return None if done.returncode else done.stdout.strip()


def _autogluon(contest: Contest, version: str, seconds: float) -> Entry:
    """AutoGluon in as many seconds as the project took, on its folds."""
    folder = contest.project.path.parent
    task, out = (folder / f"{contest.title}-{name}.json" for name in ("task", "answers"))
    metrics = {"accuracy": "accuracy", "auc": "roc_auc", "rmse": "root_mean_squared_error"}
    facts = {
        "train": str(contest.project.path / "data/processed/train.parquet"),
        "test": str(contest.practice / "data/test.csv"),
        "target": contest.target,
        "metric": metrics[contest.metric.name],
        "seconds": seconds,
    }
    task.write_text(json.dumps(facts), encoding="utf-8")
    command(_python(str(INSIDE / "autogluon_rival.py"), str(task), str(out)), folder)
    return Entry(f"AutoGluon {version}", **json.loads(out.read_text(encoding="utf-8")))


def _tfidf(contest: Contest) -> Entry:
    """TF-IDF of words and of parts of words, and logistic regression, on the project's folds."""
    train, test = contest.train, contest.test

    def answers(known: pl.DataFrame, asked: pl.DataFrame) -> dict[str, str]:
        parts = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True)
        words = TfidfVectorizer(sublinear_tf=True)
        model = make_pipeline(make_union(parts, words), LogisticRegression(max_iter=1000))
        model.fit(known["text"].to_list(), known[contest.target].to_list())
        found = model.predict(asked["text"].to_list())
        return dict(zip(asked["id"].cast(pl.String), found, strict=True))

    start = time.perf_counter()
    oof: dict[str, str] = {}
    for fold in train["fold"].unique().sort():
        inside = pl.col("fold") == fold
        oof |= answers(train.filter(~inside), train.filter(inside))
    seconds = time.perf_counter() - start
    return Entry("TF-IDF, logistic regression", oof, answers(train, test), seconds)
