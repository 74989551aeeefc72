"""`compete prepare`: files in, contract and folds and ready-to-train arrays out."""

import json
import shutil
from dataclasses import replace
from typing import Any

import polars as pl

from ..competition import Competition, Contract
from ..errors import Fault
from ..files import (
    CONTRACT,
    PARAMS,
    PROCESSED,
    RAW,
    RECORD,
    atomic_path,
    file_digest,
    member_params,
    note,
    number,
    read_yaml,
    write_json,
)
from .folds import assign_folds
from .infer import complete
from .read import read
from .store import keep
from .tables import Reading, Split


def prepare() -> None:
    """Complete the contract, decode once, write the folds; say what came from where.

    Raises:
        Fault: something is missing, ambiguous or broken, and the policy is to refuse it.
    """
    asked = Competition.load()
    params = read_yaml(PARAMS)
    sections = [params.get("data") or {}, *(member["data"] for member in member_params().values())]
    options = sections[0]
    if not RAW.is_dir():
        raise Fault(f"The data is not there ({RAW}).", "Run `compete download` first.")
    record = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
    reading = read(RAW, asked)
    contract = complete(asked, record, reading.train.table, reading.sample, reading.names)
    seed = int(number(params, "seed_everything", 0))
    skip = options.get("on_bad_row", "refuse") == "skip"
    labelled = _labelled(reading, contract, skip=skip)
    for left in PROCESSED.parent.glob(f".{PROCESSED.name}.*.part"):  # by a run that was killed
        shutil.rmtree(left)
    with atomic_path(PROCESSED) as folder:
        folder.mkdir()
        train, test, facts = keep(reading, contract, labelled, sections, folder, skip=skip)
        contract = replace(contract, features=facts.pop("features", {}))
        folds, kind = assign_folds(
            train,
            contract,
            train["content"],
            folds=int(number(options, "folds", 5)),
            seed=seed,
            kind=options.get("fold_kind", "auto"),
            group_column=options.get("group_column"),
            time_column=options.get("time_column"),
        )
        train = train.with_columns(pl.Series("fold", folds))
        train.write_parquet(folder / "train.parquet", compression="lz4")
        test.write_parquet(folder / "test.parquet", compression="lz4")
        facts |= {
            "fold_kind": kind,
            "folds": int(folds.max()) + 1,
            "digest": file_digest(folder / "train.parquet")[:16],
            "dropped_without_label": len(labelled) - sum(labelled),
        }
        write_json(folder / "prepared.json", facts)
    contract.save()
    _say(contract, train, facts)


def _labelled(reading: Reading[Split], contract: Contract, *, skip: bool) -> list[bool]:
    """For each training row whether all its targets are there."""
    table = reading.train.table.select(contract.target_columns)
    whole = (
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
            "Mend them, or set `on_bad_row: skip` under `data` in params.yaml.",
        )
    return whole


def _say(contract: Contract, train: pl.DataFrame, facts: dict[str, Any]) -> None:
    for key in (
        "problem",
        "metric",
        "id_column",
        "target_columns",
        "prediction",
        "rows",
        "deadline",
    ):
        value = getattr(contract, key)
        note(f"  {key:16} {value}  (from {contract.sources.get(key, 'default')})")
    note(f"  {'classes':16} {len(contract.classes)}")
    for name, feature in contract.features.items():
        note(f"  {name:16} {feature['kind']:8}  ({feature['source']})")
    if contract.problem == "classification":
        counts = train[contract.target_columns[0]].value_counts()
        rare = counts.filter(pl.col("count") < facts["folds"])
        for value, count in rare.rows()[:5]:
            note(f"  warning: class {value!r} has {count} rows for {facts['folds']} folds.")
    for key, value in facts.items():
        note(f"  {key:16} {value}")
    note(f"Wrote {CONTRACT} and {PROCESSED}.")
