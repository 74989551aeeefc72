"""How test rows were held out is seen in the columns, and only where it is there to be seen."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from compete.supervised.dates import as_dates
from compete.supervised.holdout import Holdout, find_holdout, holdout_for
from compete.supervised.id_parts import with_id_parts
from compete.supervised.settings import DataSettings

START = datetime(2024, 1, 1)


def of(**columns: Any) -> pl.DataFrame:
    return pl.DataFrame(columns)


def found(train: pl.DataFrame, test: pl.DataFrame) -> Holdout:
    return find_holdout(train, test, ["y"])


def hours(*days: int) -> list[str]:
    """Each hour of some days of January."""
    return [str(START + timedelta(days=day - 1, hours=hour)) for day in days for hour in range(24)]


def split(values: list[Any], rows: int, seed: int = 0) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows with such values, cut at random into train and test."""
    random = np.random.default_rng(seed)
    table = of(x=random.choice(values, rows).tolist())
    chosen = pl.Series(random.random(rows) < 0.7)
    return table.filter(chosen), table.filter(~chosen)


def test_households_that_are_in_the_test_rows_alone_are_groups() -> None:
    train = of(home=[f"h{n // 4}" for n in range(80)], rooms=[n % 7 for n in range(80)])
    test = of(home=[f"h{100 + n // 4}" for n in range(16)], rooms=[n % 7 for n in range(16)])
    made = found(train, test)
    assert (made.kind, made.column) == ("grouped", "home")
    assert made.groups is not None
    assert made.groups.to_list() == train["home"].to_list()
    assert list(made.left_out) == ["home"]
    assert "none in the test rows" in made.reason


def test_numbered_groups_are_found_and_the_coarsest_counts() -> None:
    train = of(patient=[n // 6 for n in range(90)], visit=[f"v{n // 3}" for n in range(90)])
    test = of(patient=[50 + n // 6 for n in range(30)], visit=[f"w{n // 3}" for n in range(30)])
    made = found(train, test)
    assert made.column == "patient"
    assert set(made.left_out) == {"patient", "visit"}


def test_a_text_of_a_group_tells_the_groups_and_is_read_all_the_same() -> None:
    texts = ["how the wave began", "what the mill was for", "why the sea is salt"]
    train = of(prompt=[texts[n % 2] for n in range(40)])
    made = found(train, of(prompt=[texts[2]] * 20))
    assert (made.kind, made.column, made.left_out) == ("grouped", "prompt", {})


@pytest.mark.parametrize(
    "values",
    [["Ulm", "Bonn", "Rom"], list(range(40)), [f"t{n}" for n in range(300)], list(range(5000))],
)
def test_rows_cut_at_random_are_random(values: list[Any]) -> None:
    for seed in range(20):
        assert found(*split(values, 600, seed)).kind == "random"


def test_values_of_one_row_each_are_no_groups() -> None:
    names = [f"name {n}" for n in range(120)]
    assert found(of(name=names[:100]), of(name=names[100:])).kind == "random"


def test_test_days_after_the_training_days_are_held_out_by_time() -> None:
    made = found(of(when=hours(1, 2, 3)), of(when=hours(9)))
    assert (made.kind, made.column, made.left_out) == ("time", "when", {})
    assert "2024-01-09 00:00:00" in made.reason
    assert "2024-01-03 23:00:00" in made.reason
    years = found(of(year=[2010 + n % 5 for n in range(50)]), of(year=[2015] * 9))
    assert (years.kind, years.column) == ("time", "year")


def test_a_few_rows_without_a_time_count_as_the_oldest() -> None:
    made = found(of(when=[*hours(1, 2, 3), None]), of(when=hours(9)))
    assert made.kind == "time"
    assert made.times is not None
    assert made.times[-1] == made.times.min()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["11/30/98", "12/31/99"], ["1/2/01", "2/3/13"]),
        (["1/2/2016 9:00:00 AM", "1/2/2016 1:00:00 PM"], ["1/2/2016 2:00:00 PM"]),
        (["28-Feb-2015", "01-Apr-2015"], ["02-Apr-2015"]),
        (["2015-09", "2015-10"], ["2015-11"]),
        (["01/09/2015", "30/09/2015"], ["01/10/2015", "12/10/2015"]),
        (["2015-09-01", "2015-09-30"], ["2015/10/01", "2015/10/12"]),
        (["2016-01-01T23:30:00-05:00", "2016-01-02T02:00:00+00:00"], ["2016-01-02T05:00:00+00:00"]),
    ],
)
def test_dates_of_many_forms_are_read_as_times(before: list[str], after: list[str]) -> None:
    assert found(of(when=before), of(when=after)).kind == "time"


def test_day_and_month_are_told_by_all_rows() -> None:
    """Also where the first ten thousand rows are of days that may be months."""
    start = datetime(2015, 1, 1)
    days = [start + timedelta(days=day) for day in range(31) for _ in range(1000)]
    written = pl.Series([f"{day:%d/%m/%Y}" for day in days])
    (times,) = as_dates(written)
    assert times.to_list() == days
    mostly, _ = as_dates(written.set(pl.Series(range(len(days))) == 500, "no day"), written.head(1))
    assert mostly.drop_nulls().to_list() == [day for n, day in enumerate(days) if n != 500]


@pytest.mark.parametrize("name", ["TransactionDT", "unix_timestamp", "timestamp", "dayNumber"])
def test_numbers_that_are_times_may_come_once_each(name: str) -> None:
    train, test = (of(**{name: range(*ends)}) for ends in ((0, 9000, 90), (20_000, 29_000, 300)))
    assert (found(train, test).kind, found(train, test).column) == ("time", name)
    assert found(test, train).kind == "random"


@pytest.mark.parametrize("name", ["id", "candidate", "UpdateId", "runtime"])
def test_numbers_that_only_count_rows_are_no_times(name: str) -> None:
    assert found(of(**{name: range(100)}), of(**{name: range(100, 150)})).kind == "random"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("candidate_id", "grouped"), ("sentiment", "grouped"), ("date_block", "time")],
)
def test_groups_are_not_times_because_of_letters_in_their_name(name: str, kind: str) -> None:
    train, test = (of(**{name: [n // 10 for n in rows]}) for rows in (range(900), range(900, 1200)))
    assert found(train, test).kind == kind


def test_group_numbers_that_have_a_point_because_of_gaps_are_groups() -> None:
    train = of(customer=[None if n % 9 == 0 else n // 4 / 1 for n in range(90)])
    made = found(train, of(customer=[100 + n // 4 / 1 for n in range(20)]))
    assert (made.kind, made.column) == ("grouped", "customer")


def test_days_that_take_turns_are_groups_as_long_as_those_of_the_test_rows() -> None:
    train, test = of(when=hours(1, 2, 3, 4, 8, 9, 10, 11)), of(when=hours(5, 6, 12, 13))
    made = found(train, test)
    assert (made.kind, made.column, made.left_out) == ("grouped", "when", {})
    assert made.groups is not None
    blocks = [made.groups.to_list()[24 * day] for day in range(8)]
    assert blocks == [1, 1, 2, 2, 3, 3, 4, 4]


def test_times_that_are_mixed_are_random() -> None:
    times = hours(*range(1, 20))
    chosen = np.random.default_rng(0).random(len(times)) < 0.7
    train = of(when=[time for time, one in zip(times, chosen, strict=True) if one])
    test = of(when=[time for time, one in zip(times, chosen, strict=True) if not one])
    assert found(train, test).kind == "random"
    assert found(of(when=times), of(when=times)).kind == "random"


def test_targets_and_what_the_test_rows_lack_tell_nothing() -> None:
    train = of(y=[n // 4 for n in range(80)], late=[f"h{n // 4}" for n in range(80)])
    assert found(train, of(y=[100] * 20)).kind == "random"


GROUPED = of(home=[f"h{n // 4}" for n in range(80)]), of(home=[f"g{n // 4}" for n in range(20)])


def test_params_turn_it_off_or_name_the_column() -> None:
    def made(**data: Any) -> Holdout:
        return holdout_for(*GROUPED, DataSettings(**data), [])

    assert made().column == "home"
    assert made(fold_kind="stratified") == made(fold_kind="plain") == Holdout()
    assert made(fold_kind="grouped").kind == "grouped"
    named = made(group_column="home")
    assert (named.reason, list(named.left_out)) == ("params.yaml", ["home"])


def test_ids_of_several_parts_give_those_that_several_rows_share() -> None:
    train = of(id=[f"{n // 2:04}_{n % 2 + 1:02}" for n in range(40)])
    test = of(id=[f"{n // 2:04}_{n % 2 + 1:02}" for n in range(100, 120)])
    parts = with_id_parts(train, test, "id")
    assert parts[0].columns == parts[1].columns == ["id", "id part 1", "id part 2"]
    assert parts[0]["id part 1"].to_list() == [n // 2 for n in range(40)]
    assert found(*parts).column == "id part 1"


def test_a_part_of_the_id_that_is_the_label_is_no_group() -> None:
    labels = [("cat", "dog")[n % 2] for n in range(40)]
    train = of(path=[f"train/{label}/{n}.jpg" for n, label in enumerate(labels)], y=labels)
    test = of(path=[f"test/all/{n}.jpg" for n in range(40)])
    assert found(*with_id_parts(train, test, "path")).kind == "random"


def test_ids_that_are_text_in_one_table_alone_have_no_parts() -> None:
    train, test = of(id=["train/cat.1.jpg", "train/cat.2.jpg"]), of(id=[1, 2])
    assert with_id_parts(train, test, "id")[0].columns == ["id"]


@pytest.mark.parametrize(
    "ids", [["a1", "a2", "a3"], ["x_1", "x_2", "x_3"], ["1", "2_3", "4"], hours(1)[:3]]
)
def test_ids_without_shared_parts_are_left_as_they_are(ids: list[str]) -> None:
    table = of(id=ids)
    assert with_id_parts(table, table, "id")[0].columns == ["id"]
