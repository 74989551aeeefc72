"""How the page turns a row into numbers and codes: tables read off the real encoder.

`encode` learns from all of a fold's rows. Rather than to repeat in JavaScript what it learned, the
page has its answers: to made rows in which one column after the other takes each of its values.
"""

from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from compete.export.demo import NotExportable
from compete.project import module
from compete.tasks.tabular.encode import Encoded, as_days, encode

_OWN = "compete:made:"
_PROBE = 1234.5
# Each of its parts is another number: days, year, month, day, weekday, day of the year, hour.
_MOMENT = datetime(2019, 11, 23, 17)
_NO_DAY = datetime(1, 1, 1)  # before the years that dates are read in
_COMMON = 5  # rows that a category needs to be told of: rarer ones may name a person
_MOST_LEVELS = 300  # of a list to choose from
_CHECKED = 64


def fold_columns(data: Any, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the author's columns that need targets, for rows that are not among the known ones."""
    features = module("features")
    made = getattr(features, "fold_features", None)
    known = data.table["train"][data.train_rows.tolist()]
    return made(known, rows) if made else pl.DataFrame()


def all_kinds(data: Any) -> tuple[dict[str, str], list[str]]:
    """Return the kind of each column that the model reads, and the names of the author's own."""
    some = data.table["train"][data.val_rows[:1].tolist()].drop(data.contract.target_columns)
    own = fold_columns(data, some)
    kinds = {
        name: "number" if dtype.is_numeric() or dtype == pl.Boolean else "category"
        for name, dtype in own.schema.items()
    }
    return data.kinds | kinds, list(own.columns)


def levels(data: Any, name: str) -> list[str]:
    """Return a column's categories, or days, that enough rows have, the commonest first."""
    own = all_kinds(data)[1]
    table = data.table["train"]
    rows = table[data.val_rows.tolist()].drop(data.contract.target_columns)
    column = fold_columns(data, rows)[name] if name in own else table[name]
    days = data.kinds.get(name) == "day"
    names = as_days(column) if days else column.cast(pl.String)
    counts = names.drop_nulls().alias("value").value_counts(name="count")
    counts = counts.filter(pl.col("count") >= min(_COMMON, table.height // 20))
    order = counts.sort(["count", "value"], descending=[True, False])
    return order["value"].to_list()[: None if days else _MOST_LEVELS]


def read_encoding(data: Any) -> dict[str, Any]:
    """Return how a fold encodes a row.

    Returns:
        `numbers` and `codes` of a row without any value, null for NaN; and `columns`: for each its
        `kind`, and of a number the `at` it goes to; of a date the places of its parts; of a
        category the `levels`, each with the values that it puts `at` some places, with those of
        a category that was never seen and of a missing one; of a day the places of a date, and
        such a `category`.

    Raises:
        NotExportable: encoded so, real rows are not what the model was trained on.
    """
    kinds, own = all_kinds(data)
    probes: list[dict[str, Any]] = [{}]
    seen = {name: levels(data, name) for name, kind in kinds.items() if kind in _NAMED}
    for name, kind in kinds.items():
        if kind in _MEASURED:
            probes.append({name: _PROBE if kind == "number" else _MOMENT})
        if kind == "category":
            probes += [{name: level} for level in [*seen[name], "\1 never seen", None]]
        elif kind == "day":
            days = [datetime.fromisoformat(level) for level in seen[name]]
            probes += [{name: day} for day in [*days, _NO_DAY, None]]
    table = pl.DataFrame(
        {
            f"{_OWN}{name}" if name in own else name: pl.Series(
                [probe.get(name) for probe in probes], dtype=_TYPES[kind]
            )
            for name, kind in kinds.items()
        }
    )
    rows = data.table["train"][data.val_rows[:_CHECKED].tolist()]
    rows = rows.drop(data.contract.target_columns)
    texts = [name for name, kind in data.kinds.items() if kind == "text"]
    real = rows.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in texts)
    made, encoded = _encode(data, [table, real])
    empty = (made.numbers[0], made.codes[0])
    columns: dict[str, Any] = {}
    place = 1
    for name, kind in kinds.items():
        columns[name] = {"kind": kind}
        changed: list[int] = []
        if kind in _MEASURED:
            changed = np.flatnonzero(~np.isnan(made.numbers[place]) & np.isnan(empty[0])).tolist()
            parts = (_PROBE,) if kind == "number" else _MOMENT_PARTS
            at = [[j, int(np.argmin(np.abs(parts - made.numbers[place, j])))] for j in changed]
            columns[name]["at"] = at
            place += 1
        if kind in _NAMED:
            found = _category(made, place, seen[name], empty, changed)
            columns[name] |= found if kind == "category" else {"category": found}
            place += len(seen[name]) + 2
    encoding = {
        "numbers": [None if np.isnan(x) else float(x) for x in empty[0]],
        "codes": empty[1].tolist(),
        "columns": columns,
    }
    _check(encoding, rows.hstack(fold_columns(data, rows)), encoded)
    return encoding


_MOMENT_PARTS = np.array([18223 + 17 / 24, 2019, 11, 23, 6, 327, 17])
_MEASURED = ("number", "date", "day")
_NAMED = ("category", "day")
_TYPES = {
    "category": pl.String,
    "number": pl.Float64,
    "date": pl.Datetime,
    "day": pl.Datetime,
    "text": pl.String,
}


def _encode(data: Any, tables: list[pl.DataFrame]) -> list[Encoded]:
    """Encode tables as `Data.encode` does; made rows bring the author's columns along."""
    author = getattr(module("features"), "fold_features", lambda known, rows: pl.DataFrame())

    def features(known: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
        brought = rows.select(f"^{_OWN}.*$")
        if rows.height and "compete:fold" not in rows.columns:
            return brought.rename(lambda name: name.removeprefix(_OWN))
        found: pl.DataFrame = author(known, rows)
        return found

    known = data.table["train"][data.train_rows.tolist()]
    targets = data.problem.statistics(data.train_targets)
    names = data.contract.target_columns
    found, _ = encode(known, tables, data.kinds, targets, names, features, data.seed)
    return found[1:]


def _category(
    made: Encoded, place: int, seen: list[str], empty: tuple[Any, Any], taken: list[int]
) -> dict[str, Any]:
    """Return the table of a category: what each level changes, and where; not the places taken."""
    count = len(seen) + 2
    numbers, codes = made.numbers[place : place + count], made.codes[place : place + count]
    differs = ~((numbers == empty[0]) | (np.isnan(numbers) & np.isnan(empty[0])))
    differs[:, taken] = False
    where = np.flatnonzero(differs.any(axis=0)).tolist()
    which = np.flatnonzero((codes != empty[1]).any(axis=0)).tolist()
    values = [
        [*map(float, numbers[row, where]), *map(int, codes[row, which])] for row in range(count)
    ]
    return {
        "at": [*(["numbers", j] for j in where), *(["codes", j] for j in which)],
        "levels": dict(zip(seen, values[:-2], strict=True)),
        "other": values[-2],
        "missing": values[-1],
    }


def apply_encoding(encoding: dict[str, Any], row: dict[str, Any]) -> tuple[list[float], list[int]]:
    """Return numbers and codes of a row, as tabular.js makes them."""
    numbers = [float("nan") if x is None else x for x in encoding["numbers"]]
    codes = list(encoding["codes"])
    for name, column in encoding["columns"].items():
        value = row.get(name)
        category = column if column["kind"] == "category" else column.get("category")
        if category:
            known, other = category["levels"], category["other"]
            level = _level(value, column["kind"])
            found = category["missing"] if value is None else known.get(level, other)
            for (kind, j), part in zip(category["at"], found, strict=True):
                (numbers if kind == "numbers" else codes)[j] = part
        if column["kind"] == "number" and value is not None:
            for j, _ in column["at"]:
                numbers[j] = max(-1e30, min(1e30, float(value)))
        elif column["kind"] in ("date", "day") and value is not None:
            day = [value.year, value.month, value.day, value.isoweekday()]
            hour = getattr(value, "hour", 0)
            moment = datetime(value.year, value.month, value.day, hour, getattr(value, "minute", 0))
            days = (moment - datetime(1970, 1, 1)).total_seconds() / 86_400
            parts = [days, *day, value.timetuple().tm_yday, hour]
            for j, part in column["at"]:
                numbers[j] = parts[part]
    return numbers, codes


def _level(value: Any, kind: str) -> str:
    """Return the name of a value's category, as the encoder has it."""
    values = pl.Series([value])
    return str((as_days(values) if kind == "day" else values.cast(pl.String))[0])


def _check(encoding: dict[str, Any], rows: pl.DataFrame, encoded: Encoded) -> None:
    """Refuse tables that encode real rows in another way than the encoder does."""
    for index, row in enumerate(rows.iter_rows(named=True)):
        columns = encoding["columns"].items()
        if any(
            one["kind"] in _NAMED
            and row[name] is not None
            and _level(row[name], one["kind"]) not in one.get("category", one)["levels"]
            for name, one in columns
        ):
            continue  # a rare category: the page does not offer it
        numbers, codes = apply_encoding(encoding, row)
        same = np.allclose(
            np.array(numbers, dtype=np.float32), encoded.numbers[index], rtol=1e-5, equal_nan=True
        )
        if not same or codes != encoded.codes[index].tolist():
            raise NotExportable("the page can't reproduce the encoding of its columns")
