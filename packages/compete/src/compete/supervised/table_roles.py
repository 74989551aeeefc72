"""Finds the role of each file of a competition by its columns and ids, and last by its name."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from compete.contract import Competition
from compete.errors import Fault
from compete.files import PARAMS
from compete.supervised.row_ids import as_ids
from compete.table_files import is_table, read_table, stem, table_columns, table_head
from compete.table_files.numbers import MISSING

_MOST_NAMED = 10
_ROLES = ("train", "test", "sample", "submission", "label", "target")  # in the names of files
_GLANCE = 100_000  # rows


class TableFiles:
    """The tables under a folder. Columns are read at a glance, rows once they are needed."""

    def __init__(self, raw: Path) -> None:
        self.raw = raw
        self.paths = sorted(path for path in raw.rglob("*") if path.is_file() and is_table(path))
        self.unread: dict[Path, str] = {}
        self._columns: dict[Path, list[str]] = {}
        self._rows: dict[Path, pl.DataFrame] = {}

    def columns(self, path: Path) -> list[str]:
        """Return the columns of a table; none of a file that can't be read and has no part.

        Raises:
            Fault: the file can't be read, and its name says that it is one of those looked for.
        """
        if path not in self._columns:
            try:
                self._columns[path] = table_columns(path)
            except Fault as fault:
                if any(word in stem(path) for word in _ROLES):
                    raise
                self._columns[path], self.unread[path] = [], fault.what
        return self._columns[path]

    def rows(self, path: Path) -> pl.DataFrame:
        """Return the rows of a table."""
        if path not in self._rows:
            self._rows[path] = read_table(path)
        return self._rows[path]

    def repeats(self, path: Path, key: list[str]) -> bool:
        """Return whether rows of a table have the same key; those of large tables are not read."""
        if path not in self._rows:
            glance = table_head(path, key, _GLANCE)
            if glance.is_duplicated().any() or glance.height < _GLANCE:
                return bool(glance.is_duplicated().any())
        return bool(self.rows(path).select(key).is_duplicated().any())

    def asked(self, key: str, name: str | None) -> Path | None:
        """Return the file that a key of params.yaml names."""
        if name is None:
            return None
        path = self.raw / name
        if not path.is_file():
            raise Fault(
                f"`{key}: {name}` under `competition` in {PARAMS} is not a file in {self.raw}.",
                f"Name one of {self.shown()}.",
            )
        return path

    def shown(self) -> str:
        """Return the names of the tables, for a person to choose from."""
        names = [path.relative_to(self.raw).as_posix() for path in self.paths]
        more = ", …" if len(names) > _MOST_NAMED else ""
        return ", ".join(names[:_MOST_NAMED]) + more if names else "no table"


def find_sample(files: TableFiles) -> Path:
    """Return the sample submission, by its name."""

    def rank(path: Path) -> tuple[bool, ...]:
        name = "".join(letter for letter in stem(path) if letter.isalpha())
        return (
            name == "samplesubmission",
            "submission" in name and "sample" in name,
            "submission" in name or "submit" in name,
            name in ("sample", "sampleentry", "exampleentry", "example"),
            "sample" in name and "train" not in name and "test" not in name,
        )

    found = [path for path in files.paths if any(rank(path))]
    if not found:
        raise Fault(
            f"There is no sample submission (a table with `submission` in its name) in "
            f"{files.raw}, which contains {files.shown()}.",
            "Set `sample_table:` under `competition` in params.yaml, or run `compete download`.",
        )
    return max(found, key=lambda path: (rank(path), -len(path.name)))


def has_columns(columns: Sequence[str], wanted: Sequence[str]) -> bool:
    """Return whether all columns that are wanted are there, in whatever case."""
    there = {name.lower() for name in columns}
    return bool(wanted) and all(name.lower() in there for name in wanted)


def _word(path: Path, word: str) -> bool:
    return word in stem(path)


def find_test(
    files: TableFiles, paths: list[Path], sample: pl.DataFrame, asked: Competition
) -> Path | None:
    """Return the table that holds the sample's ids, else one that is called test.

    The training rows may have the same ids, so that names come first among those that hold them.
    """

    def rank(path: Path) -> tuple[bool, bool, bool, int, Path]:
        name = stem(path)
        exact = name in ("test", "testing")
        return not exact, "test" not in name, "train" in name, len(name), path

    ranked = sorted(paths, key=rank)
    for path in ranked:
        columns, named = files.columns(path), _word(path, "test")
        keys = [name for name in sample.columns if name in columns]
        keys = [asked.id_column] if asked.id_column in keys else keys
        if not keys or (not named and (_is_train(path) or len(keys) == sample.width)):
            continue
        ids, wanted = (set(as_ids(table[keys[0]])) for table in (files.rows(path), sample))
        if ids == wanted or (named and ids > wanted):
            return path
    tests = [path for path in ranked if _word(path, "test")]
    return next((p for p in tests if files.rows(p).height == sample.height), None) or next(
        iter(tests), None
    )


def find_both(files: TableFiles, paths: list[Path], sample: pl.DataFrame) -> Path | None:
    """Return the table that holds the sample's ids without targets, and other rows with them."""
    key, *values = sample.columns
    for path in paths:
        columns = files.columns(path)
        if key in columns and has_columns(columns, values) and values:
            table = files.rows(path)
            targets = targets_in(columns, values)
            empty = table.filter(pl.all_horizontal(pl.col(targets).is_null()))
            if empty.height < table.height and set(as_ids(sample[key])) <= set(as_ids(empty[key])):
                return path
    return None


def other_spelling(train: pl.DataFrame, test: pl.DataFrame) -> dict[str, str]:
    """Return columns of train with their names in test, where capitals or spaces alone differ."""

    def plain(names: Sequence[str], others: Sequence[str]) -> dict[str, str]:
        alone = [name for name in names if name not in others]
        return {name.strip().lower(): name for name in alone}

    ours, theirs = plain(train.columns, test.columns), plain(test.columns, train.columns)
    return {ours[name]: theirs[name] for name in ours if name in theirs}


def is_empty(column: pl.Series) -> bool:
    """Return whether a column holds nothing but missing values, or words for them such as NA."""
    if column.dtype == pl.String:
        return bool((column.is_null() | column.is_in(MISSING)).all())
    return column.null_count() == column.len()


def targets_in(columns: Sequence[str], values: Sequence[str]) -> list[str]:
    """Return the columns of these names, in whatever case."""
    wanted = {name.lower() for name in values}
    return [name for name in columns if name.lower() in wanted]


def _is_train(path: Path) -> bool:
    labels = _word(path, "label") and not _word(path, "unlabel")
    return _word(path, "train") or labels


def find_train(
    files: TableFiles, paths: list[Path], test: list[str], wanted: list[str], key: str
) -> Path | None:
    """Return the table most like the test rows; if there is none, the one with the targets."""
    features = {name for name in test if name != key}

    def rank(path: Path) -> tuple[bool, bool, bool, float, bool, bool, int]:
        columns, name = files.columns(path), stem(path)
        covers = len(features.intersection(columns)) / len(features) if features else 0.0
        return (
            covers >= 0.5,
            has_columns(columns, wanted),
            _is_train(path),
            round(covers, 2),
            name in ("train", "training"),
            "train" in name,
            -len(name),
        )

    paths = [path for path in paths if not _word(path, "test")]
    best = max(paths, key=rank, default=None)
    return best if best and any(rank(best)[:3]) else None


def find_labels(
    files: TableFiles, paths: list[Path], train: Path, test: list[str], wanted: list[str]
) -> Path | None:
    """Return the table of labels that lies beside a training table without targets.

    It shares a column with that table, or has as many rows and no such column.
    """
    here = set(files.columns(train))
    paths = [path for path in paths if path != train and not _word(path, "test")]
    for path in paths:
        apart = not here.intersection(columns := files.columns(path))
        called = _word(path, "label") or _word(path, "target") or has_columns(columns, wanted)
        if apart and called and files.rows(path).height == files.rows(train).height:
            return path
    paths = [path for path in paths if here.intersection(files.columns(path))]
    if found := [path for path in paths if has_columns(files.columns(path), wanted)]:
        return found[0]
    if test and here - set(test):
        return None  # it has columns that the test rows lack: targets of another name
    named = [path for path in paths if _word(path, "label") or _word(path, "target")]
    return next(iter(named), None)
