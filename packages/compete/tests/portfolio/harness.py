"""A finished project of random numbers, and its report as a browser reads it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import yaml
from pages import HOSTILE, Read
from sklearn.metrics import accuracy_score

from compete.contract import Contract
from compete.explanation import Explanation
from compete.files import FOLD, LEADERBOARD, SCORES
from compete.portfolio.supervised.report import write
from compete.records import PREPARED, CrossValidation, FoldRun, MemberScore, Prepared, Scores
from compete.submission_records import Leaderboard, LedgerEntry

ROWS = 90
Finished = Callable[..., LedgerEntry]


def finish_project(contract: Contract) -> LedgerEntry:
    """Write into the working folder what the pipeline leaves; return the submission's entry."""
    contract.save()
    score = _write_tables(contract)
    _write_records(contract, score)
    for fold in range(2):
        _write_run(fold)
    return LedgerEntry(
        tag="t",
        time="2031-01-02T03:04:05+00:00",
        slug=contract.slug,
        file="x",
        sha256="0",
        message=HOSTILE[0],
        commit="c0ffee",
        dirty=True,
        state="complete",
        cv=score,
        public=0.8125,
        private=0.75,
        rank=2,
        teams=3,
    )


def _write_tables(contract: Contract) -> float:
    """Write the training rows and the out-of-fold predictions; return their score."""
    rng = np.random.default_rng(0)
    names = contract.classes or contract.target_columns
    p = rng.dirichlet(np.ones(max(len(names), 2)), ROWS)[:, : len(names)]
    target = {
        "classification": rng.integers(0, len(names), (ROWS, 1)),
        "multilabel": rng.integers(0, 2, (ROWS, len(names))),
        "regression": p + rng.normal(0, 0.1, p.shape),
        "translation": rng.choice(["le chat dort", "il pleut ici", HOSTILE[0]], (ROWS, 1)),
    }[contract.problem]
    if contract.problem == "translation":
        p = rng.choice(["le chat", "il pleut ici", HOSTILE[1]], (ROWS, 1))
    oof = pl.DataFrame({"row": range(ROWS), "id": [str(i) for i in range(ROWS)]}).with_columns(
        pl.col("row").mod(2).alias("fold"),
        *(pl.Series(f"target_{i}", column) for i, column in enumerate(target.T)),
        *(pl.Series(f"p_{name}", p[:, i]) for i, name in enumerate(names)),
    )
    columns = {name: [HOSTILE[i % 3] for i in range(ROWS)] for name in contract.target_columns}
    if contract.problem != "classification":
        values = target.T if contract.problem == "translation" else target.T.astype(float)
        columns = dict(zip(contract.target_columns, values.tolist(), strict=True))
    train = pl.DataFrame({**columns, FOLD: oof["fold"]})
    for path, table in (
        ("data/processed/train.parquet", train),
        ("predictions/blend/oof.parquet", oof),
    ):
        Path(path).parent.mkdir(parents=True)
        table.write_parquet(path)
    if contract.problem != "classification":
        return 0.5
    return float(accuracy_score(target[:, 0], p.argmax(axis=1)))


def _write_records(contract: Contract, score: float) -> None:
    member = MemberScore(score=score, folds=[score], trained=[0, 1], weight=1.0)
    cv = CrossValidation(
        metric=contract.metric,
        score=score,
        direction="maximize",
        rows=ROWS,
        threshold=0.5,
        folds=[score, score / 2],
    )
    Scores(cv, {"base": member}).write(SCORES)
    counts = {"dropped_without_label": 2, "train_broken": 0, "train_wrong_script": 1}
    Prepared(
        fold_kind="plain",
        folds=2,
        digest="d",
        rows=ROWS,
        test_rows=41,
        duplicates=3,
        counts=counts | {"test_empty": 7, "same_on_both_sides": 5},
    ).write(PREPARED)
    Leaderboard(slug=contract.slug, time="2031-01-02", private=False, scores=[0.9, 0.8, 0.1]).write(
        LEADERBOARD
    )


def _write_run(fold: int) -> None:
    Path("members").mkdir(exist_ok=True)
    Path("members/base.yaml").write_text("{}\n", encoding="utf-8")
    run = FoldRun(
        fingerprint="f",
        member="base",
        fold=fold,
        finished=True,
        prepared="d",
        seconds=90.0,
        torch="2",
        lightning="2",
    )
    run.save()
    folder = FoldRun.folder("base", fold)
    config = {"model": {"weights": "/home/me/secret/w.pth", "lr": 1.0}}
    (folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    (folder / "csv/version_0").mkdir(parents=True)
    (folder / "csv/version_0/metrics.csv").write_text(
        "epoch,step,train/loss,val/accuracy\n0,9,1.5,\n0,9,,0.25\n1,19,0.5,\n1,19,,0.75\n"
    )


def write_report(*ledger: LedgerEntry) -> Read:
    """Write the report of a ledger and read the page."""
    row = {"n": None} | {f"column {i}": HOSTILE[0] for i in range(12)} | {"other": 1}
    shown = [HOSTILE[0], row, b"image", [(HOSTILE[0], -0.5)]]

    def inputs(_: Contract, rows: Sequence[int]) -> list[Any]:
        return [shown[row % len(shown)] for row in rows]

    def explain(_: Contract, rows: Sequence[int]) -> list[Explanation]:
        bars = [(HOSTILE[0], 0.5), ("other", -0.25)]
        return [Explanation("Importance", "What counts.", bars=bars)] if rows else []

    write(list(ledger), "tabular", inputs, explain)
    return Read(Path("reports/index.html").read_text(encoding="utf-8"))
