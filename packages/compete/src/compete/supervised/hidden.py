"""Prediction on Kaggle: the folds that were trained predict the test rows that lie there now."""

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from compete.contract import Competition, Contract
from compete.errors import Fault
from compete.files import OWN, PROCESSED, RAW, note
from compete.problems import get_problem
from compete.processed import read_schema
from compete.project import task_module
from compete.records import FoldRun, Prepared, Scores
from compete.supervised.decision import Decision
from compete.supervised.inference import load_fold, predict_split, prediction_fabric
from compete.supervised.module import CompetitionModule
from compete.supervised.predict import blend_members, mean_of_folds, write_submission
from compete.supervised.reading import Reading, Split
from compete.training.config import load_base, load_config
from compete.training.trainer import silence_advice

_USES = {
    "sample_table": "the sample submission",
    "train_table": "the training rows",
    "test_table": "the rows to predict",
    "label_table": "the labels of the training rows",
}
_BOTH = "without targets the rows to predict"


@dataclass(frozen=True)
class Predicted:
    """How a prediction went.

    Args:
        rows: of the submission.
        prepare_seconds: for what folds read of the test rows.
        load_seconds: for the folds, one after the other.
        seconds: in which each fold predicted.
        left_out: folds for which there was no time.
    """

    rows: int
    prepare_seconds: float
    load_seconds: float
    seconds: list[float]
    left_out: int


def predict_hidden(
    submission: Path,
    *,
    seconds: float | None = None,
    precision: str | None = None,
    batch_size: int | None = None,
    models: dict[tuple[str, int], CompetitionModule] | None = None,
) -> Predicted:
    """Predict the test rows that lie in `data/raw` now, and write the submission.

    It runs in a project's folder whose `data/processed` holds what `compete prepare` made of the
    training rows. Blend and decision are those that `compete predict` found out of fold. For the
    same test rows it writes the same file. Another batch size rounds sums in another order: last
    digits differ, and a text where two tokens are all but equally probable.

    Args:
        submission: where to write it.
        seconds: how long it may take. Where the next fold would take too long, the blend is of
            the folds that are through; each member's first fold comes first.
        precision: as Lightning names it; by default that of `compete predict`.
        batch_size: by default that of `compete predict`.
        models: those of earlier calls, by member and fold; new ones are added.

    Raises:
        Fault: nothing was trained, or the files are not those of this competition.
    """
    silence_advice()
    start = time.monotonic()
    scores, prepared = Scores.load(), Prepared.load()
    if scores is None:
        raise Fault("The blend has not been fitted yet.", "Run `compete predict` first.")
    contract = _prepare_test(Contract.load())
    problem = get_problem(contract)
    # Of texts a member without weight is still one that the others may agree with.
    keeps_all = contract.prediction == "text"
    weights = {n: one.weight for n, one in scores.members.items() if one.weight > 0 or keeps_all}
    queue = _queue(weights, scores, prepared)
    parts: dict[str, dict[int, pl.DataFrame]] = {}
    took: list[float] = []
    loading = 0.0
    prepare_seconds = time.monotonic() - start
    for member, fold in queue:
        began = time.monotonic()
        longest = 1.2 * (max(took, default=0) + loading / max(1, len(took)))
        if seconds is not None and took and began - start + longest > seconds:
            note(f"Time is short: {len(queue) - len(took)} of {len(queue)} folds are left out.")
            break
        config = load_config(member)
        loaded = models.get((member, fold)) if models is not None else None
        data, model = load_fold(contract, config, fold, loaded)
        if models is not None:
            models[member, fold] = model
        data.batch_size = batch_size or data.batch_size
        fabric = prediction_fabric(config, model, precision)
        loading += time.monotonic() - began
        began = time.monotonic()
        name = f"{member} fold {fold}"
        parts.setdefault(member, {})[fold] = predict_split("test", data, model, fabric, name)
        took.append(time.monotonic() - began)
        note(f"{name}: {data.table['test'].height} rows in {took[-1]:.1f} s")
    means = {}
    for member in sorted(parts):  # the order of `compete predict`, on which last digits depend
        means[member] = mean_of_folds(problem, [parts[member][k] for k in sorted(parts[member])])
    used = np.array([weights[member] for member in means])
    if len(means) < len(weights):
        used = used / used.sum() if used.any() else np.full(len(used), 1 / len(used))
    blend = blend_members(problem, list(means.values()), used)
    decision = Decision(scores.cv.threshold, tuple(scores.cv.cut_points))
    rows = write_submission(problem, blend, decision, submission)
    return Predicted(rows, prepare_seconds, loading, took, len(queue) - len(took))


def _queue(weights: dict[str, float], scores: Scores, prepared: Prepared) -> list[tuple[str, int]]:
    """Return the folds to predict by: the first one of each member, then the second ones.

    Raises:
        Fault: a fold is missing or was trained on other rows.
    """
    queue = []
    for member in sorted(weights, key=lambda name: -weights[name]):
        folds = scores.members[member].trained
        for place, fold in enumerate(folds[-1:] if prepared.fold_kind == "time" else folds):
            if not FoldRun.is_finished(member, fold, prepared.digest):
                raise Fault(
                    f"{FoldRun.folder(member, fold)} is not trained on these rows.",
                    "Run `compete train`, `compete predict` and `compete kernel build` again.",
                )
            queue.append((place, member, fold))
    return [(member, fold) for _, member, fold in sorted(queue, key=lambda item: item[0])]


def _prepare_test(contract: Contract) -> Contract:
    """Write to `data/processed` what folds read of the test rows; return the contract for them."""
    config = load_base()
    load, preprocess = task_module("load").load, task_module("preprocess").preprocess_test
    reading: Reading[Split] = load(RAW, _pinned(config.competition, contract))
    dropped = {name: one.source for name, one in contract.features.items() if one.kind == "drop"}
    reading = replace(reading, left_out=dropped)
    contract = replace(contract, sample_submission=reading.sample_name, rows=reading.sample.height)
    labelled = (
        reading.train.table.select(pl.all_horizontal(pl.col(contract.target_columns).is_not_null()))
        .to_series()
        .to_list()
    )
    test: pl.DataFrame = preprocess(reading, contract, labelled, config.data, PROCESSED)
    _as_trained(test).write_parquet(PROCESSED / "test.parquet", compression="lz4")
    contract.save()
    return contract


def _pinned(asked: Competition, contract: Contract) -> Competition:
    """Name the files that `prepare` found, so that other rows do not lead to other files."""
    named: dict[str, Any] = {}
    for path, use in contract.tables.items():
        file = Path(path)
        for key, said in _USES.items():
            if use.startswith(said) and _BOTH not in use and file.is_file():
                named[key] = file.relative_to(RAW).as_posix()
    return replace(asked, **named)


def _as_trained(test: pl.DataFrame) -> pl.DataFrame:
    """Return the table with the types of the training rows; tell what does not fit them."""
    trained = read_schema(PROCESSED / "train.parquet")
    changed = {
        name: trained[name]
        for name, dtype in test.schema.items()
        if name in trained and not name.startswith(OWN) and trained[name] != dtype
    }
    cast = test.with_columns(
        pl.col(name).cast(dtype, strict=False) for name, dtype in changed.items()
    )
    for name in changed:
        if lost := cast[name].null_count() - test[name].null_count():
            note(f"{lost} values of {name} are no {changed[name]}, as those of the training rows.")
    return cast
