"""`compete predict`: test-time augmentation, average over folds, blend of members, submission."""

import json
import sys
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import polars as pl
import torch
from lightning.fabric.utilities import move_data_to_device
from rich.progress import track
from safetensors.torch import load_model
from torch import Tensor
from torch.utils.data import DataLoader

from ..competition import Contract
from ..errors import Fault
from ..files import (
    METRICS,
    PREDICTIONS,
    SUBMISSION,
    atomic_path,
    note,
    read_yaml,
    write_json,
)
from .answers import submission_table
from .blend import fit_weights, mixer
from .config import load_config, member_names
from .data import Data
from .decide import fit_threshold, moved
from .model import Model
from .outputs import Answers, answers_of, truth_of, with_answers, with_truth
from .train import prepared, quiet, run_folder

_DONE = "fingerprint"


def predict() -> None:
    """Predict the out-of-fold and the test rows with every finished fold of every member.

    Writes, for each member and for the blend, `oof.parquet` and `test.parquet` with ids, the
    scores to `reports/metrics.json`, and the submission. Goes on where it stopped.

    Raises:
        Fault: nothing is trained yet.
    """
    quiet()
    contract = Contract.load()
    facts = prepared()
    count = facts["folds"]
    oof: dict[str, pl.DataFrame] = {}
    test: dict[str, pl.DataFrame] = {}
    folds: dict[str, list[int]] = {}
    for member in member_names():
        folds[member] = [
            k for k in range(count) if is_finished(run_folder(member, k), facts["digest"])
        ]
        if not folds[member]:
            note(f"{member}: no fold is trained on this data, left out")
            continue
        if len(folds[member]) < count:
            note(f"{member}: {len(folds[member])} of {count} folds are trained; using those")
        parts = [_predict_fold(contract, member, k) for k in folds[member]]
        oof[member] = pl.concat([part[0] for part in parts]).sort("row")
        equal = np.full(len(parts), 1 / len(parts))
        together = mixer([answers_of(part[1]) for part in parts])(equal)
        test[member] = with_answers(parts[0][1].select("row", "id"), contract, together)
    if not oof:
        raise Fault("No fold of any member is trained.", "Run `compete train` first.")
    _write(contract, oof, test, folds)


def load_fold(
    contract: Contract, member: str, fold: int, changes: dict[str, Any] | None = None
) -> tuple[Data, Model]:
    """The data and the trained model, ready to answer, of a finished fold.

    Args:
        changes: keys of the `data` section that may differ from those it was trained with.
    """
    folder = run_folder(member, fold)
    kept = read_yaml(folder / "config.yaml")
    section = kept["data"] | (changes or {})
    data = Data(contract=contract, fold=fold, seed=kept["seed"], **section)
    model = Model(contract=contract, data=data, **kept["model"])
    load_model(model, folder / "model.safetensors")
    return data, model.eval()


def is_finished(folder: Path, digest: str) -> bool:
    """Whether it is trained, and on these folds; else it may have seen what it is held to."""
    file = folder / "fold.json"
    state = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return bool(state.get("finished")) and state["prepared"] == digest


def _predict_fold(contract: Contract, member: str, fold: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The predictions of one fold's model for its validation rows and for the test rows."""
    folder = run_folder(member, fold)
    now = load_config(member)
    mark = json.loads((folder / "fold.json").read_text(encoding="utf-8"))["fingerprint"]
    mark += f" tta {now.data.get('test_time_augmentation')}"
    files = [PREDICTIONS / member / f"fold{fold}-{split}.parquet" for split in ("oof", "test")]
    if all(file.exists() and pl.read_parquet_metadata(file).get(_DONE) == mark for file in files):
        return pl.read_parquet(files[0]), pl.read_parquet(files[1])
    own = {"num_workers", "test_time_augmentation"} & set(now.data.as_dict())
    data, model = load_fold(contract, member, fold, {key: now.data[key] for key in own})
    trainer_precision = lightning.Fabric(precision=_fabric_precision(now.trainer.precision))
    model.to(trainer_precision.device)
    tables = []
    for name, loader, rows in (
        ("out-of-fold", data.val_dataloader(), data.valid_rows),
        ("test", data.test_dataloader(), data.test_rows),
    ):
        outputs = _outputs(
            model, loader, data.views, trainer_precision, f"{member} fold {fold} {name}"
        )
        source = data.table["train" if name == "out-of-fold" else "test"][rows.tolist()]
        head = pl.DataFrame({"row": rows, "id": _ids(source, contract, rows)})
        if name == "out-of-fold":
            head = head.with_columns(fold=pl.lit(fold))
            head = with_truth(head, contract, source, data.targets[torch.from_numpy(rows)])
        tables.append(with_answers(head, contract, outputs).sort("row"))
    for file, table in zip(files, tables, strict=True):
        with atomic_path(file) as beside:
            table.write_parquet(beside, metadata={_DONE: mark})
    return tables[0], tables[1]


def _fabric_precision(precision: Any) -> Any:
    from .config import machine_precision

    return machine_precision("auto") if precision in ("auto", None) else precision


@torch.inference_mode()
def _outputs(
    model: Model,
    loader: DataLoader[tuple[Any, Tensor]],
    views: Any,
    fabric: lightning.Fabric,
    name: str,
) -> Answers:
    """Mean prediction over the inputs as they are and as each view shows them, by rows."""
    results: list[Tensor] = []
    texts: list[str] = []
    quiet = not sys.stdout.isatty()  # where it would print an empty line
    for inputs, _ in track(loader, name, transient=True, disable=quiet):
        moved = move_data_to_device(inputs, model.device)
        with fabric.autocast():
            first = model.predict_batch(moved)
            if isinstance(first, list):
                texts += first
                continue
            answers = [first, *(model.predict_batch(view(moved)) for view in views)]
        results.append(torch.stack(answers).mean(dim=0).double().cpu())  # type: ignore[arg-type]
    return texts or torch.cat(results)


def _ids(table: pl.DataFrame, contract: Contract, rows: Any) -> pl.Series:
    if contract.id_column in table.columns:
        return table[contract.id_column].cast(pl.String)
    return pl.Series(rows).cast(pl.String)  # training rows need no name on Kaggle


def _score(contract: Contract, oof: pl.DataFrame) -> float:
    return contract.scoring.score(answers_of(oof), truth_of(oof, contract))


def _fold_scores(contract: Contract, oof: pl.DataFrame) -> list[float]:
    """The score of each fold that is there, in their order."""
    return [_score(contract, part) for part in oof.sort("fold").partition_by("fold")]


def _write(
    contract: Contract,
    oof: dict[str, pl.DataFrame],
    test: dict[str, pl.DataFrame],
    folds: dict[str, list[int]],
) -> None:
    """Blend, score, and write everything; the submission last."""
    members = list(oof)
    shared = set.intersection(*(set(table["row"]) for table in oof.values()))
    if not shared:
        raise Fault(
            f"The members {', '.join(members)} have no trained fold in common.",
            "Run `compete train` until each has the same folds.",
        )
    common = {
        name: table.filter(pl.col("row").is_in(sorted(shared))) for name, table in oof.items()
    }
    targets = truth_of(common[members[0]], contract)
    weights = fit_weights([answers_of(common[name]) for name in members], targets, contract.scoring)
    sums = {}
    for split, tables in (("oof", common), ("test", test)):
        first = tables[members[0]].select(pl.exclude("^p_.*$"))
        mixed = mixer([answers_of(tables[name]) for name in members])(weights)
        sums[split] = with_answers(first, contract, mixed)
    written = {m: (oof[m], test[m]) for m in members} | {"blend": (sums["oof"], sums["test"])}
    for name, pair in written.items():
        for split, table in zip(("oof", "test"), pair, strict=True):
            with atomic_path(PREDICTIONS / name / f"{split}.parquet") as beside:
                table.write_parquet(beside)
    blend = sums["oof"]
    threshold, decided = fit_threshold(
        contract, answers_of(blend), targets, blend["fold"].to_numpy()
    )
    blend = with_answers(blend.select(pl.exclude("^p_.*$")), contract, decided)
    metrics = {
        "cv": {
            "metric": contract.metric,
            "score": _score(contract, blend),
            "direction": "maximize" if contract.scoring.maximize else "minimize",
            "rows": blend.height,
            "threshold": threshold,
            "folds": _fold_scores(contract, blend),
        },
        "members": {
            name: {
                "score": _score(contract, oof[name]),
                "folds": _fold_scores(contract, oof[name]),
                "trained": folds[name],
                "weight": float(weight),
            }
            for name, weight in zip(members, weights, strict=True)
        },
    }
    answers = moved(answers_of(sums["test"]), threshold)
    table = submission_table(contract, sums["test"]["id"], answers)
    with atomic_path(SUBMISSION) as beside:
        table.write_csv(beside)
    write_json(METRICS, metrics)
    cv = metrics["cv"]
    note(f"cross-validation {contract.metric} {cv['score']:.5f} over {cv['rows']} rows")  # type: ignore[index]
    note(f"Wrote {SUBMISSION} with {table.height} rows.")
