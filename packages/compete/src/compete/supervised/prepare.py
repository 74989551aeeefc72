"""`compete prepare`: files in, contract and folds and ready-to-train arrays out."""

import shutil
from dataclasses import replace

import polars as pl

from compete.contract import Contract
from compete.errors import Fault
from compete.files import CONTRACT, PROCESSED, RAW, RECORD, atomic_path, file_digest, note
from compete.problems import get_problem
from compete.project import task_module
from compete.records import PREPARED, CompetitionRecord, Prepared
from compete.supervised.contract_inference import infer_contract
from compete.supervised.folds import assign_folds
from compete.supervised.tables import Reading, Split
from compete.training.config import load_base


def prepare() -> None:
    """Complete the contract, decode once, write the folds; say what came from where.

    Raises:
        Fault: something is missing, ambiguous or broken, and the policy is to refuse it.
    """
    config = load_base()
    if not RAW.is_dir():
        raise Fault(f"The data is not there ({RAW}).", "Run `compete download` first.")
    record = CompetitionRecord.read(RECORD) or CompetitionRecord()
    load, preprocess = task_module("load").load, task_module("preprocess").preprocess
    reading: Reading[Split] = load(RAW, config.competition)
    contract = infer_contract(
        config.competition, record, reading.train.table, reading.sample, reading.names
    )
    labelled = _labelled(reading, contract, skip=config.data.skips_bad_rows)
    for left in PROCESSED.parent.glob(f".{PROCESSED.name}.*.part"):  # by a run that was killed
        shutil.rmtree(left)
    with atomic_path(PROCESSED) as folder:
        folder.mkdir()
        made = preprocess(reading, contract, labelled, config.data, folder)
        contract = replace(contract, features=made.features)
        folds, kind = assign_folds(
            made.train,
            get_problem(contract),
            made.train["content"],
            config.data,
            config.seed_everything,
        )
        train = made.train.with_columns(pl.Series("fold", folds))
        train.write_parquet(folder / "train.parquet", compression="lz4")
        made.test.write_parquet(folder / "test.parquet", compression="lz4")
        without_label = len(labelled) - sum(labelled)
        prepared = Prepared(
            fold_kind=kind,
            folds=int(folds.max()) + 1,
            digest=file_digest(folder / "train.parquet")[:16],
            rows=train.height,
            test_rows=made.test.height,
            duplicates=train.height - train["content"].n_unique(),
            counts={"dropped_without_label": without_label} | made.counts,
        )
        prepared.write(folder / PREPARED.name)
    contract.save()
    _tell(contract, train, prepared)


def _labelled(reading: Reading[Split], contract: Contract, *, skip: bool) -> list[bool]:
    """Return for each training row whether all its targets are there."""
    table = reading.train.table.select(contract.target_columns)
    whole: list[bool] = (
        table.select(
            pl.all_horizontal(
                pl.col(name).is_not_null()
                & (pl.col(name).is_not_nan() if dtype.is_float() else pl.lit(True))
                for name, dtype in table.schema.items()
            )
        )
        .to_series()
        .to_list()
    )
    empty = [row for row, good in enumerate(whole) if not good]
    if empty and not skip:
        lines = ", ".join(str(row + 2) for row in empty[:5])
        raise Fault(
            f"{len(empty)} rows of {reading.names[0]} have no label (lines {lines}"
            f"{', …' if len(empty) > 5 else ''}).",
            "Fix them, or set `on_bad_row: skip` under `data` in params.yaml.",
        )
    return whole


def _tell(contract: Contract, train: pl.DataFrame, prepared: Prepared) -> None:
    keys = ("problem", "metric", "id_column", "target_columns", "prediction", "rows", "deadline")
    for key in keys:
        source = contract.sources.get(key, "default")
        note(f"  {key:16} {getattr(contract, key)}  (from {source})")
    note(f"  {'classes':16} {len(contract.classes)}")
    for name, feature in contract.features.items():
        note(f"  {name:16} {feature.kind:8}  ({feature.source})")
    for value, count in get_problem(contract).rare_classes(train, prepared.folds)[:5]:
        note(f"  warning: class {value!r} has {count} rows for {prepared.folds} folds.")
    facts = {"folds": f"{prepared.folds} ({prepared.fold_kind})", "rows": prepared.rows}
    facts |= {"test_rows": prepared.test_rows, "duplicates": prepared.duplicates}
    for key, value in {**facts, **prepared.counts}.items():
        note(f"  {key:16} {value}")
    note(f"Wrote {CONTRACT} and {PROCESSED}.")
