"""Adds the author's columns and finds what kind of values each column holds."""

from pathlib import Path
from typing import Any

import polars as pl

from ..competition import Contract
from ..errors import Fault
from .columns import as_dates, find_kinds
from .features import add_columns
from .tables import Reading, Split

_OURS = ("content", "fold")  # what `prepare` adds to the training table


def keep(
    reading: Reading[Split],
    contract: Contract,
    labelled: list[bool],
    sections: list[dict[str, Any]],
    folder: Path,
    *,
    skip: bool,
) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, Any]]:
    """The tables of both splits as the folds read them, and facts to be written and told.

    Nothing is learned here: what depends on the values of other rows is learned in each fold.

    Args:
        contract: what the competition asks for.
        labelled: for each training row whether it has its targets; the others are dropped.
        sections: the `data` section of params.yaml, then of each member.

    Returns:
        The tables (the training one with targets and `content`, a fingerprint of the inputs), and
        facts such as `features`: the columns, their kinds, and how those are known.

    Raises:
        Fault: features.py loses rows, or no column is left.
    """
    taken = {name: f"{name}_" for name in _OURS}
    train = reading.train.table.filter(pl.Series(labelled, dtype=pl.Boolean))
    targets = train.select(contract.target_columns)
    splits = [
        table.drop(contract.target_columns, strict=False).rename(taken, strict=False)
        for table in (train, reading.test.table)
    ]
    together = pl.concat(splits, how="diagonal_relaxed", rechunk=False)
    made = add_columns(together)
    if made.height != together.height:
        raise Fault(
            f"add_columns in features.py made {made.height} rows of {together.height}.",
            "Return the same rows in the same order.",
        )
    inputs, test = made.head(train.height), made.slice(train.height)
    asked = sections[0].get("column_types") or {}
    features = find_kinds(inputs, test, contract.id_column, asked)
    used = [name for name, feature in features.items() if feature["kind"] != "drop"]
    if not used:
        raise Fault(
            "No column of the training table is left to learn from.",
            "Look at `features` in contract.yaml, and correct `column_types` in params.yaml.",
        )
    kinds = {name: features[name]["kind"] for name in used}
    dates = [name for name, kind in kinds.items() if kind == "date"]
    inputs, test = (
        table.with_columns(as_dates(table[name]) for name in dates) for table in (inputs, test)
    )
    content = inputs.select(used).hash_rows()
    copies = content.len() - content.n_unique()
    if copies > content.len() / 2:  # so few different rows are no copies: the table is like that
        content = pl.Series(range(content.len()))
    facts = {
        "rows": inputs.height,
        "test_rows": test.height,
        "duplicates": copies,
        "columns": {kind: list(kinds.values()).count(kind) for kind in sorted(set(kinds.values()))},
        "features": features,
    }
    inputs = inputs.hstack(targets).with_columns(content.cast(pl.String).alias("content"))
    return inputs, test, facts
