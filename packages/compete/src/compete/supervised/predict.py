"""`compete predict`: test-time augmentation, average over folds, blend of members, submission."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from compete.contract import Contract
from compete.errors import Fault
from compete.files import PREDICTIONS, SCORES, SUBMISSION, atomic_path, note
from compete.problems import Problem, get_problem
from compete.records import CrossValidation, FoldRun, MemberScore, Prepared, Scores
from compete.supervised.blend import fit_weights, make_blender
from compete.supervised.decision import Decision, fit_decision
from compete.supervised.inference import predict_fold
from compete.supervised.submission_table import submission_table
from compete.training.config import member_names
from compete.training.trainer import silence_advice


def predict() -> None:
    """Predict the out-of-fold and the test rows with every finished fold of every member.

    Test rows get the mean over the folds; of folds by time the newest one's predictions.

    Writes, for each member and for the blend, `oof.parquet` and `test.parquet` with ids, the
    scores to `reports/metrics.json`, and the submission. Goes on where it stopped.

    Raises:
        Fault: nothing is trained yet.
    """
    silence_advice()
    contract, prepared = Contract.load(), Prepared.load()
    problem = get_problem(contract)
    oof: dict[str, pl.DataFrame] = {}
    test: dict[str, pl.DataFrame] = {}
    folds: dict[str, list[int]] = {}
    for member in member_names():
        folds[member] = [
            k for k in range(prepared.folds) if FoldRun.is_finished(member, k, prepared.digest)
        ]
        if not folds[member]:
            note(f"{member}: left out, because no fold is trained on this data")
            continue
        if len(folds[member]) < prepared.folds:
            note(
                f"{member}: {len(folds[member])} of {prepared.folds} folds are trained; using those"
            )
        parts = [predict_fold(contract, member, k) for k in folds[member]]
        oof[member] = pl.concat([part[0] for part in parts]).sort("row")
        # Of folds by time the older ones have not seen what came last.
        newest = parts[-1:] if prepared.fold_kind == "time" else parts
        test[member] = mean_of_folds(problem, [part[1] for part in newest])
    if not oof:
        raise Fault("No fold of any member is trained.", "Run `compete train` first.")
    _write(problem, oof, test, folds)


def mean_of_folds(problem: Problem, parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Return the mean of what several folds predict for the test rows."""
    equal = np.full(len(parts), 1 / len(parts))
    mean = make_blender([problem.predictions_of(part) for part in parts])(equal)
    return problem.with_predictions(parts[0].select("row", "id"), mean)


def blend_members(
    problem: Problem, tables: Sequence[pl.DataFrame], weights: NDArray[np.float64]
) -> pl.DataFrame:
    """Return the blend of members' predictions for the same rows."""
    head = tables[0].select(pl.exclude("^p_.*$"))
    blender = make_blender([problem.predictions_of(table) for table in tables])
    return problem.with_predictions(head, blender(weights))


def write_submission(problem: Problem, blend: pl.DataFrame, decision: Decision, path: Path) -> int:
    """Write the submission of the blend's predictions; return how many rows it has."""
    predictions = decision.apply(problem.predictions_of(blend))
    table = submission_table(problem, blend["id"], predictions)
    with atomic_path(path) as beside:
        table.write_csv(beside)
    return table.height


def _write(
    problem: Problem,
    oof: dict[str, pl.DataFrame],
    test: dict[str, pl.DataFrame],
    folds: dict[str, list[int]],
) -> None:
    """Blend, score, and write everything; the submission last."""
    contract, members = problem.contract, list(oof)
    common = _common_rows(oof)
    targets = problem.targets_of(common[members[0]])
    found = {name: problem.predictions_of(table) for name, table in common.items()}
    weights = fit_weights(list(found.values()), targets, contract.scoring)
    blend = {
        split: blend_members(problem, [tables[name] for name in members], weights)
        for split, tables in (("oof", common), ("test", test))
    }
    for name in members:
        _write_tables(name, {"oof": oof[name], "test": test[name]})
    _write_tables("blend", blend)
    whole = blend["oof"]
    decision, decided = fit_decision(
        problem, problem.predictions_of(whole), targets, whole["fold"].to_numpy()
    )
    whole = problem.with_predictions(whole.select(pl.exclude("^p_.*$")), decided)
    cv = CrossValidation(
        metric=contract.metric,
        score=_score(problem, whole),
        direction="maximize" if contract.scoring.maximize else "minimize",
        rows=whole.height,
        threshold=decision.threshold,
        cut_points=list(decision.cut_points),
        folds=_fold_scores(problem, whole),
    )
    scores = {
        name: MemberScore(
            score=_score(problem, oof[name]),
            folds=_fold_scores(problem, oof[name]),
            trained=folds[name],
            weight=float(weight),
        )
        for name, weight in zip(members, weights, strict=True)
    }
    rows = write_submission(problem, blend["test"], decision, SUBMISSION)
    Scores(cv, scores).write(SCORES)
    if decision != Decision():
        note(f"{cv.metric} is best with {decision}")
    note(f"cross-validation {cv.metric} {cv.score:.5f} over {cv.rows} rows")
    note(f"Wrote {SUBMISSION} with {rows} rows.")


def _common_rows(oof: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Return the rows that all members predicted. Raise `Fault` if there are none."""
    shared = set.intersection(*(set(table["row"]) for table in oof.values()))
    if not shared:
        raise Fault(
            f"The members {', '.join(oof)} have no trained fold in common.",
            "Run `compete train` until each has the same folds.",
        )
    rows = pl.col("row").is_in(sorted(shared))
    return {name: table.filter(rows) for name, table in oof.items()}


def _write_tables(name: str, tables: dict[str, pl.DataFrame]) -> None:
    for split, table in tables.items():
        with atomic_path(PREDICTIONS / name / f"{split}.parquet") as beside:
            table.write_parquet(beside)


def _score(problem: Problem, oof: pl.DataFrame) -> float:
    score = problem.contract.scoring.score
    return score(problem.predictions_of(oof), problem.targets_of(oof))


def _fold_scores(problem: Problem, oof: pl.DataFrame) -> list[float]:
    """Return the score of each fold that is there, in their order."""
    return [_score(problem, part) for part in oof.sort("fold").partition_by("fold")]
