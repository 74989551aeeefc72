"""Finds and reads the tables among a competition's files."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import polars as pl

from compete.contract import Competition, Contract, Feature
from compete.errors import Fault
from compete.files import PROCESSED

_AGAIN = "Run `compete download` again."
_HEAD = 10_000  # rows that tell a column's type, unless a later one contradicts
_MISSING = ("NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "?", "")


@dataclass
class Split:
    """The rows of one split. Tasks whose inputs lie in files of their own add where.

    Args:
        table: the columns, a row for each input.
    """

    table: pl.DataFrame


SplitT_co = TypeVar("SplitT_co", bound=Split, covariant=True)


@dataclass(frozen=True)
class Reading(Generic[SplitT_co]):
    """What the files hold: both splits, the sample submission, and the names of their files."""

    train: SplitT_co
    test: SplitT_co
    sample: pl.DataFrame
    names: tuple[str, str]


@dataclass(frozen=True)
class Preprocessed:
    """What a task makes of the rows that are kept.

    Args:
        train: the training rows, with `content`, a fingerprint of each row's inputs.
        test: the rows to predict.
        features: the columns that the model reads.
        counts: how many rows were left out or changed, by reason.
    """

    train: pl.DataFrame
    test: pl.DataFrame
    features: dict[str, Feature] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


@dataclass
class Tables:
    """Where the tables lie; the sample submission is always there.

    Args:
        train: the table with the labels, if one was found.
        test: the table of the rows to predict, if one was found.
        sample: the sample submission.
        id_column: the column of the sample submission that names a row.
    """

    train: Path | None
    test: Path | None
    sample: Path
    id_column: str

    @property
    def sample_table(self) -> pl.DataFrame:
        """The sample submission."""
        return read_table(self.sample)


def find_tables(raw: Path, asked: Competition) -> Tables:
    """Find the tables under `raw` by their names. Raise `Fault` without a sample submission."""
    paths = sorted(path for path in raw.rglob("*") if path.suffix.lower() in (".csv", ".parquet"))
    sample = _pick(paths, ("sample_submission", "samplesubmission", "submission"))
    if sample is None:
        raise Fault(
            f"No sample submission (a table with `submission` in its name) lies in {raw}.",
            "Run `compete download` again, or put the file there.",
        )
    rest = [path for path in paths if path != sample]
    labelled = [path for path in rest if "test" not in path.stem.lower()]
    train = _pick(labelled, ("train", "train_labels", "labels", "training"))
    test = _pick([path for path in rest if path != train], ("test", "testing"))
    return Tables(train, test, sample, asked.id_column or read_table(sample).columns[0])


def _pick(paths: list[Path], names: tuple[str, ...]) -> Path | None:
    """Return the file whose stem equals one of `names`, else the shortest name containing one."""
    for name in names:
        for path in paths:
            if path.stem.lower() == name:
                return path
    found = [path for path in paths if any(name in path.stem.lower() for name in names)]
    return min(found, key=lambda path: (len(path.name), path), default=None)


def read_table(path: Path) -> pl.DataFrame:
    """Read a parquet file, or a CSV file (UTF-8, else Latin-1) with types from all its rows.

    Whole numbers written with zeros in front, such as 0012, are names and stay text. A word such as
    NA or ? is a missing value where all else in the column are numbers, else a value like others.

    Raises:
        Fault: the file is broken or has no rows.
    """
    try:
        table = pl.read_parquet(path) if path.suffix.lower() == ".parquet" else _read_csv(path)
    except pl.exceptions.NoDataError:
        raise Fault(f"{path} has no rows.", _AGAIN) from None
    except (pl.exceptions.PolarsError, OSError) as error:
        raise Fault(f"{path} can't be read: {str(error).splitlines()[0]}.", _AGAIN) from None
    if table.is_empty():
        raise Fault(f"{path} has no rows.", _AGAIN)
    return table


def _read_csv(path: Path) -> pl.DataFrame:
    try:
        return _typed(path)
    except pl.exceptions.ComputeError as error:
        if "utf-8" not in str(error):
            raise
        return _typed(path.read_bytes().decode("latin-1").encode())


def _typed(content: bytes | Path) -> pl.DataFrame:
    schema = pl.scan_csv(content, infer_schema_length=_HEAD).collect_schema()
    whole = [name for name, dtype in schema.items() if dtype.is_integer()]
    types = dict(schema) | _names(content, whole)
    try:
        table = pl.read_csv(content, schema_overrides=types, infer_schema=False)
    except pl.exceptions.ComputeError:  # a column goes on otherwise than it began
        types = dict.fromkeys(whole, pl.String)
        table = pl.read_csv(content, infer_schema_length=None, schema_overrides=types)
    texts = (table[name] for name, dtype in table.schema.items() if dtype == pl.String)
    return table.with_columns(number for text in texts if (number := _number(text)) is not None)


def _names(content: bytes | Path, columns: list[str]) -> dict[str, type[pl.String]]:
    """Return the columns that hold whole numbers with zeros in front, as text."""
    text = pl.col(columns)
    zeros = text.str.starts_with("0") & (text.str.len_bytes() > 1)  # faster than by pattern
    found = pl.scan_csv(content, infer_schema=False).select(zeros.any()).collect()
    return {name: pl.String for name in columns if found[name].item()}


def _number(text: pl.Series) -> pl.Series | None:
    """Return a column's numbers if all else in it means a missing value, else None."""
    for part in (text.head(1000), text):  # most columns of text are seen at a glance
        values = part
        if part.cast(pl.Float64, strict=False).null_count() > part.null_count():
            values = part.str.strip_chars().replace(dict.fromkeys(_MISSING))
        numbers = values.cast(pl.Float64, strict=False)
        if numbers.null_count() > values.null_count() or values.str.contains(r"^0\d").any():
            return None
    if numbers.null_count() == len(numbers):
        return None
    whole = values.cast(pl.Int64, strict=False)
    return whole if whole.null_count() == numbers.null_count() else numbers


def with_ids(table: pl.DataFrame, tables: Tables, path: Path) -> pl.DataFrame:
    """Test rows named by the sample submission: by the id column, or by order if there is none.

    Args:
        table: the test rows.
        tables: where the files lie.
        path: where `table` comes from, to be named. Raises `Fault` if the rows can't be matched.
    """
    if tables.id_column in table.columns:
        again = table.filter(~pl.col(tables.id_column).is_first_distinct())[tables.id_column]
        if len(again):
            raise Fault(
                f"{path} has the same id more than once: {again.head(5).to_list()}.",
                "Run `compete download` again, or set `id_column:` under `competition`.",
            )
        return table
    sample = tables.sample_table
    if table.height != sample.height:
        raise Fault(
            f"{path} has {table.height} rows without a column {tables.id_column!r}; the sample "
            f"submission has {sample.height}.",
            "Set `id_column:` under `competition` in params.yaml.",
        )
    return table.with_columns(sample[tables.id_column])


def read_both(raw: Path, asked: Competition) -> Reading[Split]:
    """Read a competition that is two tables, one with labels and one to predict.

    Raises:
        Fault: one of them can't be found or read, or its rows can't be told apart.
    """
    tables = find_tables(raw, asked)
    if tables.train is None or tables.test is None:
        missing = "train" if tables.train is None else "test"
        raise Fault(
            f"No table of the {missing} rows (a CSV or parquet file with `{missing}` in its name) "
            f"lies in {raw}.",
            "Run `compete download` again, or put the file there.",
        )
    test = with_ids(read_table(tables.test), tables, tables.test)
    names = (tables.train.as_posix(), tables.sample.as_posix())
    return Reading(Split(read_table(tables.train)), Split(test), tables.sample_table, names)


def shown_rows(contract: Contract, rows: Sequence[int]) -> list[dict[str, Any]]:
    """Return the input columns of some training rows, by their numbers, for a person to see."""
    table = pl.read_parquet(PROCESSED / "train.parquet")
    ours = ("content", "fold", *contract.target_columns)
    shown = table.select(pl.exclude(*ours))
    return [shown.row(row, named=True) for row in rows] if shown.width else []
