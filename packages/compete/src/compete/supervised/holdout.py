"""How the test rows were held out: at random, by groups, or by time; the folds do the same.

Where whole households, patients or prompts, or all that comes after a day, are kept for the test,
folds that are cut at random show the model in training what it is asked in validation.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from compete.errors import Fault
from compete.files import OWN
from compete.supervised.dates import as_times
from compete.supervised.settings import DataSettings

_CHANCE = 1e-3  # that test values which train never has came about at random
_MOST_ALONE = 0.5  # of a group column's rows may have a value that no other training row has
_GAPS = 0.05  # of the training rows may have no time
_AFTER = "the values of all test rows come after those of the training rows"
_TIME = re.compile(r"(?<![a-z])(year|month|week|day|date|time|hour|quarter|season|period|step)")
_OF_TIME = re.compile(
    r"(?<![a-z])(year|month|week|day|date|time|unix|epoch|dt(?![a-z])|ts(?![a-z]))"
)
_MANY = 10  # different values in either table, of which all lie on one side: no accident


@dataclass(frozen=True)
class Holdout:
    """How the test rows were held out.

    Args:
        kind: `random`, `grouped` or `time`.
        column: the column that tells.
        reason: what is seen in it, for a person to read.
        groups: for each training row its group, if `grouped`.
        times: for each training row its time, if `time`.
        left_out: columns that no model should read, each with the reason.
    """

    kind: str = "random"
    column: str = ""
    reason: str = ""
    groups: pl.Series | None = None
    times: pl.Series | None = None
    left_out: dict[str, str] = field(default_factory=dict)


def holdout_for(
    train: pl.DataFrame, test: pl.DataFrame, settings: DataSettings, targets: Iterable[str]
) -> Holdout:
    """Return what the folds go by: the columns that params.yaml names, else what the files show.

    Any `fold_kind` but `auto` turns off what the files show, `grouped` and `time` excepted where no
    column is named.

    Raises:
        Fault: a named column is missing, or `fold_kind` needs one and none is found.
    """
    group, time, kind = settings.group_column, settings.time_column, settings.fold_kind
    for name in (group, time):
        if name is not None and name not in train.columns:
            raise Fault(
                f"The training table has no column {name!r}.",
                f"Name one of {train.columns[:20]} under `data` in params.yaml.",
            )
    groups = train[group] if group else None
    left_out = {group: "the rows of a group share it"} if group else {}
    if kind == "time" or (kind == "auto" and time):
        found = Holdout() if time else find_holdout(train, test, targets)
        if time is None and found.kind != "time":
            raise Fault("Folds by time need a column.", "Set `time_column:` under `data`.")
        name = time or found.column
        return Holdout("time", name, "params.yaml", groups, _in_order(train[name]))
    if group:
        return Holdout("grouped", group, "params.yaml", groups, left_out=left_out)
    if kind in ("stratified", "plain"):
        return Holdout()
    found = find_holdout(train, test, targets)
    if kind == "grouped" and found.kind != "grouped":
        raise Fault("Grouped folds need a column.", "Set `group_column:` under `data`.")
    return found


def _in_order(column: pl.Series) -> pl.Series:
    """Return a named column as values that sort by time. Raise `Fault` for words, which do not."""
    if times := as_times(column):
        return times[0]
    if column.dtype != pl.String:
        return column
    numbers = column.cast(pl.Float64, strict=False)
    words = column.filter(numbers.is_null()).drop_nulls()
    if len(words):
        raise Fault(
            f"The column {column.name!r} does not sort by time: {words[0]!r} is neither a date "
            "nor a number.",
            "Name a column of dates or numbers with `time_column:` under `data` in params.yaml, "
            "or remove that key.",
        )
    return numbers


def find_holdout(train: pl.DataFrame, test: pl.DataFrame, skip: Iterable[str]) -> Holdout:
    """Return how the test rows were held out.

    By groups: a column's values come back in the training rows and never come in the test rows,
    though so many would by chance. By time: all test rows come after the training rows, or both
    take turns, a run of days each.

    Args:
        train: the training rows.
        test: the rows to predict.
        skip: columns that can't tell: targets.
    """
    targets = set(skip)
    labels = [train[name].cast(pl.String) for name in targets if name in train.columns]
    shared = [name for name in train.columns if name in test.columns and name not in targets]
    shared = [name for name in shared if not name.startswith(OWN)]
    for name in shared:
        times = as_times(train[name], test[name])
        if times and (found := _by_time(name, *times)):
            return found
    apart = [name for name in shared if _apart(train[name], test[name])]
    apart = [n for n in apart if not any(train[n].cast(pl.String).equals(one) for one in labels)]
    for name in shared:
        if _is_time(name, name in apart, train[name], test[name]):
            return Holdout("time", name, _AFTER, times=train[name])
    if not apart:
        return Holdout()
    column = min(apart, key=lambda name: (train[name].n_unique(), _is_prose(train[name])))
    named = [name for name in apart if name == column or train[name].dtype == pl.String]
    return Holdout(
        "grouped",
        column,
        f"{train[column].n_unique()} values, many of several rows, and none in the test rows",
        groups=train[column],
        left_out={
            name: "none of its values is in the test rows"
            for name in named
            if not _is_prose(train[name])
        },
    )


def _is_prose(column: pl.Series) -> bool:
    """Return whether these are texts, of which something can be learned for other texts."""
    if column.dtype != pl.String:
        return False
    words = column.drop_nulls().str.count_matches(r"\S+").mean()
    return isinstance(words, float) and words >= 3


def _apart(train: pl.Series, test: pl.Series) -> bool:
    """Return whether test values differ from all training values though these come back.

    If test rows came from the same rows at random, each of their values would be new with about the
    share of training rows whose value is alone (Good, 1953: the frequencies of species).
    """
    if train.dtype.is_float():  # whole ones may be ids, as pandas writes those with gaps
        if not (train.drop_nulls() % 1 == 0).all():
            return False
        train, test = (one.cast(pl.Int64, strict=False) for one in (train, test))
    if train.dtype.is_nested() or train.dtype == pl.Boolean:
        return False
    if train.dtype.is_temporal():
        return False
    counts = train.drop_nulls().value_counts(name="rows")["rows"]
    values = test.drop_nulls().cast(pl.String).unique()
    if len(counts) < 2 or not len(values):
        return False
    if values.is_in(train.cast(pl.String).unique().implode()).any():
        return False
    alone = int((counts == 1).sum()) / int(counts.sum())
    return bool(alone <= _MOST_ALONE and alone ** len(values) < _CHANCE and _often(train, test))


def _is_time(name: str, apart: bool, train: pl.Series, test: pl.Series) -> bool:
    """Return whether numbers are called like times and all test values are above the training ones.

    If they do not come back, as times in seconds, fewer names count. `candidate` is no date.
    """
    if not (train.dtype.is_numeric() and test.dtype.is_numeric()) or train.null_count():
        return False
    if not train.len() or bool((test <= train.max()).any()) or test.null_count() == test.len():
        return False
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    if apart:
        return bool(_TIME.search(words))
    many = min(train.n_unique(), test.n_unique()) >= _MANY
    return many and bool(_OF_TIME.search(words))


def _often(train: pl.Series, test: pl.Series) -> bool:
    """Return whether test rows would have met a training value by chance, were there as many."""
    return train.len() >= 2 * train.n_unique() or test.len() >= 10


def _by_time(name: str, train: pl.Series, test: pl.Series) -> Holdout | None:
    """Return how time parts the rows, if it does."""
    if train.null_count() > _GAPS * train.len() or train.n_unique() < 2:
        return None
    train = train.fill_null(train.min())  # so that rows without a time only train
    before, after = train.unique().sort(), test.drop_nulls().unique().sort()
    if after.is_empty() or before.is_in(after.implode()).any():
        return None
    first, last = str(after[0]), str(before[-1])
    if after[0] > before[-1]:
        return Holdout(
            "time",
            name,
            f"all test rows (from {first}) come after the training rows (to {last})",
            times=train,
        )
    marks = pl.concat(
        [
            pl.DataFrame({"time": before, "test": False}),
            pl.DataFrame({"time": after, "test": True}),
        ]
    ).sort("time")
    marks = marks.with_columns(run=pl.col("test").rle_id())
    runs = marks["run"].max()
    assert isinstance(runs, int)
    # At random, two kinds of rows take turns about this often (Wald and Wolfowitz, 1940).
    expected = 2 * len(before) * len(after) / (len(before) + len(after)) + 1
    if 3 * (runs + 1) > expected:
        return None
    spans = marks.group_by("run", "test").agg(
        start=pl.col("time").min(), span=pl.col("time").max() - pl.col("time").min()
    )
    usual = pl.lit(spans.filter("test")["span"].median())
    pieces = (pl.col("span") / usual).round().clip(1)  # of a run, each as long as a test run
    place = (pl.col("time") - pl.col("start")) / pl.col("span") * pieces
    piece = place.fill_nan(0).floor().clip(0, pieces - 1)
    groups = (
        train.to_frame("time")
        .with_row_index("row")
        .sort("time")
        .join_asof(spans.filter(~pl.col("test")).sort("start"), left_on="time", right_on="start")
        .select("row", pl.struct("start", piece.alias("piece")).rank("dense").alias("group"))
        .sort("row")["group"]
    )
    return Holdout(
        "grouped",
        name,
        f"training and test rows alternate in time ({runs + 1} runs); folds are runs as long as "
        f"those of the test rows",
        groups=groups,
    )
