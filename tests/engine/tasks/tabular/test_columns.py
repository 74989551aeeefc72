"""What kind of values a column holds, and tables as people save them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from competitions.tables import competition, people
from samples import write

from compete.contract import Contract, Feature
from compete.errors import Fault
from compete.files import FOLD, GROUP, ROW_ID
from compete.records import Prepared
from compete.supervised.prepare import prepare
from compete.tasks.tabular.columns import find_kinds

TASK = "tabular"
SAMPLE = "id,y\n8,0\n9,0\n"
Prepare = Callable[..., Contract]


def kinds(asked: dict[str, str] | None = None, **columns: list[Any]) -> dict[str, str]:
    """The kind of each column of a table that is both train and test."""
    table = pl.DataFrame(columns)
    found = find_kinds(table, table, "id", {}, asked or {})
    return {name: feature.kind for name, feature in found.items()}


@pytest.fixture
def prepared_with(author: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prepare:
    """`prepared_with(train, test, data={...})` prepares these files and gives the contract."""

    def run(
        train: str | bytes, test: str | bytes, sample: str = SAMPLE, **sections: Any
    ) -> Contract:
        competition(tmp_path, **{"data": {"folds": 2}} | sections)
        for name, content in (("train", train), ("test", test), ("sample_submission", sample)):
            write(tmp_path / f"data/raw/{name}.csv", content)
        monkeypatch.chdir(tmp_path)
        prepare()
        return Contract.load()

    return run


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1.5, 2.5, None], "number"),
        ([3, 1, 2], "number"),
        ([7, 8, 9, 10], "drop"),
        ([10, 9, 8, 7], "drop"),
        ([True, False, None], "category"),
        (["a", "b", "a"], "category"),
        (["🐟", "🐈", "🐟"], "category"),
        (["שלום", "עולם", "שלום"], "category"),
        (["x", "x", "x"], "drop"),
        (["x", "x", None], "category"),
        ([None, None, None], "drop"),
        (["2020-01-31", "1999-12-01", None], "date"),
        (["2020-01-31 10:00:00", "1999-12-01 23:59:59", None], "date"),
        (["31.01.2020", "01.12.1999", None], "date"),
        (["2020-01-31T10:00:00+02:00", "1999-12-01T23:59:59-05:00", None], "date"),
        (["2020-01", "1999-12", None], "date"),
        (["0013-01", "0014-12", None], "category"),
        (["4.4.2", "5.1.1", None], "category"),
        (["1/31/2020 3:04:05 PM", "12/1/1999 11:00:00 AM", None], "date"),
        (["31-Jan-2020", "01-Dec-1999", None], "date"),
        (["01/31/2020", "12/01/1999", None], "date"),
        (["31/01/2020", "01/12/1999", None], "date"),
        (["2020-01-31", "no day", None], "category"),
        (["many words in a row", "and others in this one", None], "text"),
        (["a " * 50_000, "one of the short ones", None], "text"),
        ([f"code-{n}" for n in range(100)], "drop"),
        ([hex(7**n) for n in range(100)], "drop"),
        ([f"{'DE' if n % 3 else 'FR'}-{n}" for n in range(100)], "text"),
        ([f"{'Upper' if n % 5 else 'Lower'} {chr(65 + n)}ton" for n in range(24)], "text"),
        ([[1, 2], [3], []], "drop"),
    ],
)
def test_a_kind_is_found_by_the_values(values: list[Any], kind: str) -> None:
    assert kinds(a=values) == {"a": kind}


@pytest.mark.parametrize(
    ("each", "later", "kind"),
    [(15, 0, "day"), (15, 20, "date"), (5, 0, "date")],
    ids=["shared", "the test rows come later", "few rows a day"],
)
def test_days_that_the_test_rows_share_are_categories_too(each: int, later: int, kind: str) -> None:
    days = pl.Series([f"2020-01-{1 + n % 10:02}" for n in range(10 * each)])
    train = pl.DataFrame({"a": days})
    test = pl.DataFrame({"a": pl.Series([f"2020-01-{1 + n % 10 + later:02}" for n in range(20)])})
    assert find_kinds(train, test, "id", {}, {})["a"].kind == kind
    assert find_kinds(train, test, "id", {}, {"a": "date"})["a"].kind == "date"


def test_params_have_the_last_word(prepared_with: Prepare) -> None:
    assert kinds({"a": "category"}, a=[1, 3, 2]) == {"a": "category"}
    with pytest.raises(Fault, match=r"has 'b', which is not a column.*\['a'\]"):
        kinds({"b": "number"}, a=[1, 3, 2])
    with pytest.raises(Fault, match=r"column_types.*'number', 'category', 'date'.*colour"):
        prepared_with("id,a,y\n1,5,0\n", "id,a\n8,5\n", data={"column_types": {"a": "colour"}})


def test_the_contract_shows_each_column_with_its_source(prepared_with: Prepare) -> None:
    contract = prepared_with(
        "id,age,town,late,y\n1,5,Ulm,1,0\n2,6,Bonn,5,1\n3,9,Ulm,3,0\n4,7,Bonn,8,1\n",
        "id,age,town\n8,5,Ulm\n9,6,Rom\n",
        data={"folds": 2, "column_types": {"age": "category"}},
    )
    assert contract.features == {
        "id": Feature("drop", "it identifies the row"),
        "age": Feature("category", "params.yaml"),
        "town": Feature("category", "2 different values"),
        "late": Feature("drop", "the test rows do not have it"),
    }


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: text.decode("utf-8").encode("latin-1"),
    ],
    ids=["Windows line ends", "byte order mark", "Latin-1"],
)
def test_a_table_reads_alike_however_it_was_saved(prepared_with: Prepare, change: Any) -> None:
    train = "id,town,y\n1,Köln,0\n2,Bonn,1\n3,Köln,0\n4,Bonn,1\n".encode()
    contract = prepared_with(change(train), change("id,town\n8,Köln\n9,Bonn\n".encode()))
    assert contract.features["town"].kind == "category"
    assert pl.read_parquet("data/processed/train.parquet")["town"].to_list()[0] == "Köln"


def test_words_for_a_missing_value_are_gaps_among_numbers_and_values_among_words(
    prepared_with: Prepare,
) -> None:
    contract = prepared_with(
        "id,area,alley,y\n1,NA,NA,0\n2,80.5,Grvl,1\n3,70,NA,0\n4,?,Pave,1\n",
        "id,area,alley\n8,60,NA\n9,NA,Pave\n",
    )
    found = {name: feature.kind for name, feature in contract.features.items()}
    assert found == {"id": "drop", "area": "number", "alley": "category"}
    table = pl.read_parquet("data/processed/train.parquet")
    assert table["area"].to_list() == [None, 80.5, 70, None]
    assert table["alley"].to_list() == ["NA", "Grvl", "NA", "Pave"]


@pytest.mark.parametrize(
    ("train", "test"), [("True,NA,False,True", "True,False"), ("TRUE,FALSE,TRUE,TRUE", "NA,FALSE")]
)
def test_true_and_false_are_the_same_in_both_tables(
    prepared_with: Prepare, train: str, test: str
) -> None:
    rows = [f"{n},{value},{n % 2}" for n, value in enumerate(train.split(","))]
    asked = [f"{8 + n},{value}" for n, value in enumerate(test.split(","))]
    contract = prepared_with("\n".join(["id,a,y", *rows]), "\n".join(["id,a", *asked]))
    assert contract.features["a"].kind == "category"
    for split, values in (("train", train), ("test", test)):
        known = {"true": True, "false": False, "na": None}
        expected = [known[value.lower()] for value in values.split(",")]
        assert pl.read_parquet(f"data/processed/{split}.parquet")["a"].to_list() == expected


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        (["$1,200.00", "$5", "NA", "-$7.5"], [1200, 5, None, -7.5]),
        (["13.5%", "2%", "0%", "100 %"], [13.5, 2, 0, 100]),
        (["74 bhp", "80.5 bhp", "", "66 bhp"], [74, 80.5, None, 66]),
        (["5 €", "6 €", "7 $", "8 €"], None),
        (["2 kg", "3 kg", "many kg", "4 kg"], None),
        (["C1", "C2", "C1", "C2"], None),
        (["10:30", "11:20", "10:30", "9:10"], None),
    ],
)
def test_amounts_in_one_unit_are_numbers(
    prepared_with: Prepare, values: list[str], numbers: list[float] | None
) -> None:
    rows = [f"{row};{value};{row % 2}" for row, value in enumerate(values)]
    table = "\n".join(["id;size;y", *rows]), f"id;size\n8;{values[1]}\n9;{values[1]}\n"
    contract = prepared_with(*table)
    feature = contract.features["size"]
    assert (feature.kind == "number") == (numbers is not None)
    if numbers is not None:
        assert feature.source == f"written like {values[0]}"
        assert pl.read_parquet("data/processed/train.parquet")["size"].to_list() == numbers
    corrected = prepared_with(*table, data={"folds": 2, "column_types": {"size": "category"}})
    assert corrected.features["size"].kind == "category"
    assert pl.read_parquet("data/processed/train.parquet").schema["size"] == pl.String


@pytest.mark.parametrize(
    ("last", "value"), [("0012", "0012"), ("5.5", 5.5), ("many", "many"), ("?", None), ("12", 12)]
)
def test_what_the_first_ten_thousand_rows_do_not_show_counts_all_the_same(
    prepared_with: Prepare, last: str, value: Any
) -> None:
    rows = [f"{row},{row % 7},{row % 2}" for row in range(10_001)]
    prepared_with("\n".join(["id,size,y", *rows, f"10001,{last},0"]), "id,size\n8,5\n9,5\n")
    sizes = pl.read_parquet("data/processed/train.parquet")["size"]
    assert sizes[-1] == value
    assert sizes.dtype == (pl.String if isinstance(value, str) else sizes.dtype)


def test_a_column_that_is_number_here_and_text_there_is_text_in_both(
    prepared_with: Prepare,
) -> None:
    prepared_with("id,size,y\n1,5,0\n2,6,1\n3,5,0\n4,6,1\n", "id,size\n8,5\n9,large\n")
    for split in ("train", "test"):
        assert pl.read_parquet(f"data/processed/{split}.parquet").schema["size"] == pl.String


@pytest.mark.parametrize("gap", ["NaN", "inf"])
def test_rows_without_a_target_are_refused_or_left_out(prepared_with: Prepare, gap: str) -> None:
    files = (
        f"id,age,y\n1,5,0\n2,6,{gap}\n3,9,0\n4,7,1\n5,8,1\n",
        "id,age\n8,5\n9,6\n",
    )
    with pytest.raises(Fault, match=r"1 rows of .*train.csv have no label \(lines 3\)"):
        prepared_with(*files)
    prepared_with(*files, data={"folds": 2, "on_bad_row": "skip"})
    assert pl.read_parquet("data/processed/train.parquet")["id"].to_list() == [1, 3, 4, 5]


def test_an_id_that_comes_twice_in_the_test_rows_is_refused(prepared_with: Prepare) -> None:
    with pytest.raises(Fault, match=r"test.csv has the same id more than once: \['8'\]"):
        prepared_with("id,age,y\n1,5,0\n2,6,1\n3,9,0\n4,7,1\n", "id,age\n8,5\n8,6\n9,6\n")


def test_an_id_of_the_sample_that_no_test_row_has_is_refused(prepared_with: Prepare) -> None:
    with pytest.raises(Fault, match=r"has no row for 1 ids of the sample submission, first 9"):
        prepared_with("id,age,y\n1,5,0\n2,6,1\n3,9,0\n4,7,1\n", "id,age\n8,5\n7,6\n")


def test_a_metric_of_another_task_is_refused(prepared_with: Prepare) -> None:
    rows = "id,age,y\n1,5,0\n2,6,1\n3,9,0\n4,7,1\n"
    with pytest.raises(Fault, match=r"by bleu is a problem of translation, .* task is classif"):
        prepared_with(rows, "id,age\n8,5\n9,6\n", competition={"metric": "bleu"})


def test_a_table_with_nothing_to_learn_from_is_refused(prepared_with: Prepare) -> None:
    with pytest.raises(Fault, match=r"no column that the model can use.*column_types"):
        prepared_with("id,a,y\n1,x,0\n2,x,1\n3,x,0\n4,x,1\n", "id,a\n8,x\n9,x\n")


def test_columns_may_be_called_as_one_likes(prepared_with: Prepare) -> None:
    rows = "1,5,a,x,0\n2,6,b,y,1\n3,9,a,x,0\n4,7,b,y,1\n"
    contract = prepared_with(
        f"id,fold,content,path,y\n{rows}", "id,fold,content,path\n8,5,a,x\n9,6,b,y\n"
    )
    assert set(contract.features) == {"id", "fold", "content", "path"}
    table = pl.read_parquet("data/processed/train.parquet")
    assert table["fold"].to_list() == [5, 6, 9, 7]
    assert table["content"].to_list() == ["a", "b", "a", "b"]


def test_a_target_may_be_called_as_one_likes(prepared_with: Prepare) -> None:
    rows = "".join(f"{n},{n % 7},{n / 2},{n / 4},{n / 8}\n" for n in range(12))
    contract = prepared_with(
        f"id,f,fold,content,row\n{rows}",
        "id,f\n18,5\n19,6\n",
        "id,fold,content,row\n18,0,0,0\n19,0,0,0\n",
        competition={"metric": "rmse"},
    )
    assert contract.target_columns == ["fold", "content", "row"]
    table = pl.read_parquet("data/processed/train.parquet")
    assert table["content"].to_list() == [n / 4 for n in range(12)]


def test_an_id_that_is_a_time_is_read_and_written_as_it_was(prepared_with: Prepare) -> None:
    times = [f"2024-01-{1 + n // 24:02} {n % 24:02}:00:00" for n in range(96)]
    rows = "".join(f"{time},{n % 24}\n" for n, time in enumerate(times[:72]))
    for types in ({}, {"when": "date"}):
        contract = prepared_with(
            f"when,y\n{rows}",
            "when\n" + "\n".join(times[72:]) + "\n",
            "when,y\n" + "".join(f"{time},0\n" for time in times[72:]),
            competition={"metric": "rmse"},
            data={"folds": 2, "column_types": types},
        )
        assert contract.features["when"].kind == "date"
        test = pl.read_parquet("data/processed/test.parquet")
        assert test[ROW_ID].to_list() == times[72:]
        assert Prepared.load().fold_kind == "time"


def test_a_group_that_the_test_rows_do_not_have_is_no_feature(
    prepared_with: Prepare, capfd: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"{n},h{n // 4},{n % 3},{n // 4 % 2}\n" for n in range(40))
    files = f"id,home,rooms,y\n{rows}", "id,home,rooms\n98,g1,1\n99,g1,2\n", "id,y\n98,0\n99,0\n"
    contract = prepared_with(*files)
    assert contract.features["home"] == Feature("drop", "none of its values is in the test rows")
    assert (Prepared.load().fold_kind, Prepared.load().fold_column) == ("grouped", "home")
    assert "Folds go by 'home': 10 values" in capfd.readouterr().err
    train = pl.read_parquet("data/processed/train.parquet")
    assert train[GROUP].n_unique() == 10  # by which trees stop early and intervals are drawn
    assert train.select(pl.col(FOLD).n_unique().over(GROUP)).to_series().max() == 1
    off = prepared_with(*files, data={"folds": 2, "fold_kind": "stratified"})
    assert off.features["home"].kind == "category"
    assert Prepared.load().fold_kind == "stratified"
    named = prepared_with(*files, data={"folds": 2, "group_column": "home"})
    assert named.features["home"] == Feature("drop", "the rows of a group share it")


def test_parquet_is_read_like_csv(
    author: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    competition(tmp_path)
    monkeypatch.chdir(tmp_path)
    prepare()
    first = Contract.load().features
    for name in ("train", "test"):
        file = Path(f"data/raw/{name}.csv")
        pl.read_csv(file).write_parquet(file.with_suffix(".parquet"))
        file.unlink()
    prepare()
    assert Contract.load().features == first
    assert {name: feature.kind for name, feature in first.items()} == {
        "id": "drop",
        "age": "number",
        "town": "category",
        "since": "date",
        "member": "category",
        "note": "text",
        "always": "drop",
    }
    assert people(3).width == 8
