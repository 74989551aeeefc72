"""Adds the author's columns and finds what kind of values each column holds."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import polars.selectors as cs

from compete.contract import Contract, Feature
from compete.errors import Fault
from compete.files import CONTENT, OWN
from compete.project import author
from compete.supervised.dates import as_dates
from compete.supervised.reading import Preprocessed, Reading, Split
from compete.table_files.numbers import read_amounts
from compete.tasks.tabular.columns import find_kinds
from compete.tasks.tabular.settings import TabularSettings


def preprocess(
    reading: Reading[Split],
    contract: Contract,
    labelled: list[bool],
    settings: TabularSettings,
    folder: Path,
) -> Preprocessed:
    """Return the tables of both splits as the folds read them.

    Nothing is learned here: what depends on the values of other rows is learned in each fold.

    Args:
        reading: what the files hold.
        contract: what the competition asks for.
        labelled: for each training row whether it has its targets; the others are left out.
        settings: the section `data` of params.yaml.
        folder: where other tasks keep arrays; there are none here.

    Raises:
        Fault: features.py loses rows or takes a name, or no column is left.
    """
    train = reading.train.table.filter(pl.Series(labelled, dtype=pl.Boolean))
    targets = train.select(contract.target_columns)
    splits = [
        table.select(~cs.starts_with(OWN)).drop(contract.target_columns, strict=False)
        for table in (train, reading.test.table)
    ]
    together = pl.concat(splits, how="diagonal_relaxed", rechunk=False)
    kept = [name for name, kind in settings.column_types.items() if kind != "number"]
    amounts = _amounts(together.drop(*kept, contract.id_column or [], strict=False))
    made = author("features", "add_columns")(together.with_columns(amounts.values()))
    if made.height != together.height:
        raise Fault(
            f"add_columns in features.py made {made.height} rows of {together.height}.",
            "Return the same rows in the same order.",
        )
    if again := [name for name in made.columns if name in targets.columns or name.startswith(OWN)]:
        raise Fault(
            f"add_columns in features.py made a column {again[0]!r}, a name that is taken.",
            "Give the column another name.",
        )
    inputs, test = made.head(train.height), made.slice(train.height)
    features = find_kinds(inputs, test, contract.id_column, reading.left_out, settings.column_types)
    for name in amounts.keys() & {key for key, one in features.items() if one.kind == "number"}:
        features[name] = Feature("number", f"written like {together[name].drop_nulls()[0]}")
    kinds = {name: one.kind for name, one in features.items() if one.kind != "drop"}
    if not kinds:
        raise Fault(
            "The training table has no column that the model can use.",
            "Check `features` in contract.yaml, and set `column_types` in params.yaml.",
        )
    dates = [name for name, kind in kinds.items() if kind in ("date", "day")]
    for name in dates:
        times = as_dates(inputs[name], test[name])
        inputs, test = inputs.with_columns(times[0]), test.with_columns(times[1])
    content = inputs.select(kinds.keys()).hash_rows()
    if 2 * content.n_unique() < content.len():  # coarse columns, not duplicates
        content = pl.Series(range(content.len()))
    own = cs.starts_with(OWN)
    inputs = inputs.hstack(targets).hstack(train.select(own))
    return Preprocessed(
        inputs.with_columns(content.cast(pl.String).alias(CONTENT)),
        test.hstack(reading.test.table.select(own)),
        features,
    )


def preprocess_test(
    reading: Reading[Split],
    contract: Contract,
    labelled: list[bool],
    settings: TabularSettings,
    folder: Path,
) -> pl.DataFrame:
    """Return the table of the test rows as folds read it that are trained already.

    The columns are what `contract.yaml` says, whatever these rows hold; `add_columns` sees all
    rows, as in training. The arguments are those of `preprocess`.
    """
    kinds: Any = {name: one.kind for name, one in contract.features.items()}
    settings = replace(settings, column_types=kinds)
    return preprocess(reading, contract, labelled, settings, folder).test


def _amounts(table: pl.DataFrame) -> dict[str, pl.Series]:
    """Return the columns of amounts with a unit, as numbers."""
    found = {one.name: read_amounts(one) for one in table.select(cs.string()).iter_columns()}
    return {name: values.alias(name) for name, values in found.items() if values is not None}
