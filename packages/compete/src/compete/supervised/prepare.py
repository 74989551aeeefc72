"""`compete prepare`: files in, contract and folds and ready-to-train arrays out."""

import shutil
from dataclasses import replace

import polars as pl

from compete.contract import Contract
from compete.errors import Fault
from compete.files import (
    CONTENT,
    CONTRACT,
    FOLD,
    GROUP,
    PARAMS,
    PROCESSED,
    RAW,
    RECORD,
    ROW_ID,
    TIME,
    atomic_path,
    digest,
    file_digest,
    note,
)
from compete.metrics import refuse_own_name
from compete.problems import get_problem
from compete.project import task_module
from compete.records import PREPARED, CompetitionRecord, Prepared
from compete.supervised.contract_inference import infer_contract
from compete.supervised.folds import assign_folds, join_groups
from compete.supervised.holdout import Holdout, holdout_for
from compete.supervised.id_parts import with_id_parts
from compete.supervised.reading import Reading, Split
from compete.supervised.row_ids import row_ids
from compete.supervised.settings import DataSettings, decisive_facts
from compete.supervised.staleness import write_made_from
from compete.training.config import load_base

_SHOWN = 10  # classes


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
    refuse_own_name(config.competition.metric)
    contract = infer_contract(config.competition, record, reading)
    if contract.problem not in config.data.problems:
        raise Fault(
            f"{contract.target_columns} scored by {contract.metric} is a problem of "
            f"{contract.problem}, and this project's task is {' or '.join(config.data.problems)}.",
            "Set `target_columns:` and `metric:` under `competition` in params.yaml to what this "
            "project predicts, or make a project of another task (`translation` writes texts).",
        )
    holdout = _name_rows(reading, contract, config.data)
    reading = replace(reading, left_out=holdout.left_out)
    labelled = _labelled(reading, contract, skip=config.data.skips_bad_rows)
    for left in PROCESSED.parent.glob(f".{PROCESSED.name}.*.part"):  # by a run that was killed
        shutil.rmtree(left)
    with atomic_path(PROCESSED) as folder:
        folder.mkdir()
        made = preprocess(reading, contract, labelled, config.data, folder)
        contract = replace(contract, features=made.features)
        named, times = (_taken(made.train, name) for name in (GROUP, TIME))
        holdout = replace(holdout, groups=named, times=times)
        train = made.train.drop(GROUP, TIME, strict=False)
        groups = join_groups(train[CONTENT], named)
        folds, kind = assign_folds(
            train,
            get_problem(contract),
            groups,
            holdout,
            config.data,
            config.seed_everything,
        )
        train = train.with_columns(pl.Series(FOLD, folds))
        if named is not None:
            train = train.with_columns(pl.Series(GROUP, groups))
        train.write_parquet(folder / "train.parquet", compression="lz4")
        made.test.write_parquet(folder / "test.parquet", compression="lz4")
        without_label = len(labelled) - sum(labelled)
        prepared = Prepared(
            fold_kind=kind,
            folds=int(folds.max()) + 1,
            digest=digest([file_digest(folder / "train.parquet"), *decisive_facts(contract)]),
            rows=train.height,
            test_rows=made.test.height,
            fold_column=holdout.column,
            fold_reason=holdout.reason,
            duplicates=train.height - train[CONTENT].n_unique(),
            counts={"dropped_without_label": without_label} | made.counts,
        )
        prepared.write(folder / PREPARED.name)
        write_made_from(folder, config)
    contract.save()
    _tell(contract, train, prepared, config.data)


def _name_rows(reading: Reading[Split], contract: Contract, settings: DataSettings) -> Holdout:
    """Add to the rows what names them, and what folds go by; return how the test was held out."""
    train, test, key = reading.train.table, reading.test.table, reading.id_column
    parts = with_id_parts(train, test, key)
    holdout = holdout_for(*parts, settings, contract.target_columns)
    ids = row_ids(train, key if key in train.columns else None)
    columns = {ROW_ID: ids, GROUP: holdout.groups, TIME: holdout.times}
    reading.train.table = train.with_columns(
        column.alias(name) for name, column in columns.items() if column is not None
    )
    return holdout


def _taken(train: pl.DataFrame, name: str) -> pl.Series | None:
    """Return a column that folds go by, of the rows that are kept."""
    return train[name] if name in train.columns else None


def _labelled(reading: Reading[Split], contract: Contract, *, skip: bool) -> list[bool]:
    """Return for each training row whether all its targets are there."""
    table = reading.train.table.select(contract.target_columns)
    whole: list[bool] = (
        table.select(
            pl.all_horizontal(
                pl.col(name).is_not_null()
                & (pl.col(name).is_finite() if dtype.is_float() else pl.lit(True))
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
            f"{len(empty)} rows of {reading.train_name} have no label (lines {lines}"
            f"{', …' if len(empty) > 5 else ''}).",
            "Fix them, or set `on_bad_row: skip` under `data` in params.yaml.",
        )
    return whole


def _tell(
    contract: Contract, train: pl.DataFrame, prepared: Prepared, settings: DataSettings
) -> None:
    for path, use in contract.tables.items():
        note(f"  {path}: {use}")
    keys = ("problem", "metric", "id_column", "target_columns", "prediction", "rows", "deadline")
    for key in keys:
        source = contract.sources.get(key, "default")
        note(f"  {key:16} {getattr(contract, key)}  (from {source})")
    classes = ", ".join(map(str, contract.classes[:_SHOWN]))
    more = ", …" if len(contract.classes) > _SHOWN else ""
    note(f"  {'classes':16} {len(contract.classes)}  {classes}{more}")
    if len(contract.classes) == 2:
        note(f"  {'positive_class':16} {contract.classes[1]}  ({contract.sources['classes']})")
    if get_problem(contract).cells == "name":
        written = set(contract.read_sample()[contract.value_columns[0]].drop_nulls()) - {""}
        if written and not written & {str(one) for one in contract.classes}:
            note(
                f"  warning: the sample submission writes {sorted(written)[:3]}, the training rows "
                f"{contract.classes[:3]}; the submission is written as the training rows are."
            )
    width = max([16, *map(len, contract.features)])
    for name, feature in contract.features.items():
        note(f"  {name:{width}} {feature.kind:8}  ({feature.source})")
    for value, count in get_problem(contract).rare_classes(train, prepared.folds)[:5]:
        note(f"  warning: class {value!r} has {count} rows for {prepared.folds} folds.")
    facts = {"folds": f"{prepared.folds} ({prepared.fold_kind})", "rows": prepared.rows}
    facts |= {"test_rows": prepared.test_rows, "duplicates": prepared.duplicates}
    for key, value in {**facts, **prepared.counts}.items():
        note(f"  {key:16} {value}")
    if prepared.fold_column and prepared.fold_reason != str(PARAMS):
        note(
            f"Folds go by {prepared.fold_column!r}: {prepared.fold_reason}. "
            "`fold_kind: stratified` under `data` in params.yaml turns this off."
        )
    if prepared.folds < settings.folds:
        what = "blocks of time" if prepared.fold_kind == "time" else "groups"
        note(f"Each of the {prepared.folds} {what} is a fold; `folds: {settings.folds}` is more.")
    note(f"Wrote {CONTRACT} and {PROCESSED}.")
