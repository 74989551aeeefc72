"""Files as competitions ship them: which table is which, and which rows are meant."""

import gzip
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from samples import write

from compete.contract import Competition
from compete.errors import Fault
from compete.files import ROW_ID
from compete.supervised import table_roles
from compete.supervised.reading import Reading, Split
from compete.supervised.tables import read_both

Read = Callable[..., Reading[Split]]
TRAIN = "id,f,y\n1,0.5,0\n2,1.5,1\n3,2.5,0\n"
TEST = "id,f\n8,0.5\n9,1.5\n"
SAMPLE = "id,y\n8,0\n9,0\n"


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """`read({"train.csv": ...}, **competition)` writes the files and reads them."""

    def run(
        files: dict[str, str | bytes], *, aggregates: bool = False, **asked: Any
    ) -> Reading[Split]:
        shutil.rmtree(tmp_path / "raw", ignore_errors=True)
        for name, content in files.items():
            write(tmp_path / "raw" / name, content)
        made = Competition(slug="some", **asked)
        return read_both(tmp_path / "raw", made, aggregates=aggregates)

    return run


def used(reading: Reading[Split]) -> dict[str, str]:
    """What each file is used for, by its name."""
    return {Path(path).name: use for path, use in reading.tables.items()}


def zipped(name: str, content: str) -> bytes:
    from io import BytesIO

    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def rows(text: str) -> list[dict[str, Any]]:
    return pl.read_csv(text.encode()).to_dicts()


def as_binary(text: str, write_table: str) -> bytes:
    from io import BytesIO

    buffer = BytesIO()
    getattr(pl.read_csv(text.encode()), write_table)(buffer)
    return buffer.getvalue()


FORMATS: dict[str, tuple[str, Callable[[str], str | bytes]]] = {
    "tab": (".tsv", lambda text: text.replace(",", "\t")),
    "semicolon": (".csv", lambda text: text.replace(",", ";")),
    "gzip": (".csv.gz", lambda text: gzip.compress(text.encode())),
    "zip": (".csv.zip", lambda text: zipped("table.csv", text)),
    "tab in zip": (".tsv.zip", lambda text: zipped("t.tsv", text.replace(",", "\t"))),
    "zip of another name": (".zip", lambda text: zipped("table.csv", text)),
    "UTF-16": (".csv", lambda text: text.encode("utf-16")),
    "Excel's line": (".csv", lambda text: "sep=;\r\n" + text.replace(",", ";")),
    "json lines": (".jsonl", lambda text: "\n".join(map(json.dumps, rows(text)))),
    "json of rows": (".json", lambda text: json.dumps(rows(text))),
    "json of columns": (
        ".json",
        lambda text: json.dumps(
            {
                name: {str(i): value for i, value in enumerate(column)}
                for name, column in pl.read_csv(text.encode()).to_dict(as_series=False).items()
            }
        ),
    ),
    "parquet": (".parquet", lambda text: as_binary(text, "write_parquet")),
    "feather": (".feather", lambda text: as_binary(text, "write_ipc")),
    "capitals": (".CSV", lambda text: text),
}


@pytest.mark.parametrize("kind", FORMATS)
def test_a_table_is_read_whatever_its_format(read: Read, kind: str) -> None:
    suffix, convert = FORMATS[kind]
    found = read(
        {f"train{suffix}": convert(TRAIN), f"test{suffix}": convert(TEST), "sample.csv": SAMPLE}
    )
    assert found.train.table.rows() == [(1, 0.5, 0), (2, 1.5, 1), (3, 2.5, 0)]
    assert found.test.table[ROW_ID].to_list() == ["8", "9"]
    assert (found.id_column, found.copied_columns) == ("id", [])


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        (("1,5", "-2,25", "NA"), [1.5, -2.25, None]),
        (("1.234,5", "7", "12,0"), [1234.5, 7.0, 12.0]),
        (("1.5", "2.25", "1000.125"), [1.5, 2.25, 1000.125]),
        (("1,2", "a", "3,4"), ["1,2", "a", "3,4"]),
    ],
)
def test_a_comma_in_numbers_is_a_point_where_it_separates_no_fields(
    read: Read, written: tuple[str, ...], numbers: list[Any]
) -> None:
    train = "id;f;y\n" + "".join(f"{i};{value};0\n" for i, value in enumerate(written))
    files = {"train.csv": train, "test.csv": TEST, "sample_submission.csv": SAMPLE}
    assert read(files).train.table["f"].to_list() == numbers


def test_commas_between_thousands_are_no_part_of_the_number(read: Read) -> None:
    train = 'id,f,g,y\n1,"1,234","1,2",0\n2,"56","3,4",0\n3,"1,234,567.5","5,6",1\n'
    files = {"train.csv": train, "test.csv": TEST, "sample_submission.csv": SAMPLE}
    table = read(files).train.table
    assert table["f"].to_list() == [1234, 56, 1234567.5]
    assert table["g"].to_list() == ["1,2", "3,4", "5,6"]


def test_lists_and_structures_of_json_become_columns(read: Read) -> None:
    recipes = [
        {"id": n, "cuisine": "greek", "ingredients": ["salt", f"oil {n}"], "by": {"age": n}}
        for n in range(3)
    ]
    new = [{key: row[key] for key in ("id", "ingredients", "by")} for row in recipes]
    found = read(
        {
            "train.json": json.dumps(recipes),
            "test.json": json.dumps([row | {"id": 7 + n} for n, row in enumerate(new)]),
            "sample_submission.csv": "id,cuisine\n7,x\n8,x\n9,x\n",
        }
    )
    assert found.train.table["ingredients"].to_list()[1] == "salt, oil 1"
    assert found.train.table["by.age"].to_list() == [0, 1, 2]


def test_a_quote_in_a_table_of_tabs_is_a_letter_like_others(read: Read) -> None:
    train = 'id\ttext\ty\n1\t" an open quote\t0\n2\tno quote\t1\n3\t" again\t0\n4\tnone\t1\n'
    files = {"test.tsv": "id\ttext\n8\ta\n9\tb\n", "sampleSubmission.csv": SAMPLE}
    found = read(files | {"train.tsv": train})
    assert found.train.table["text"].to_list() == ['" an open quote', "no quote", '" again', "none"]
    quoted = 'id\ttext\ty\n1\t"two\nlines"\t0\n2\tone\t1\n'
    assert read(files | {"train.tsv": quoted}).train.table["text"].to_list() == [
        "two\nlines",
        "one",
    ]


def test_prompts_describe_the_summaries_that_are_predicted(read: Read) -> None:
    found = read(
        {
            "prompts_train.csv": "prompt_id,prompt\np0,Waves\np1,Mills\n",
            "prompts_test.csv": "prompt_id,prompt\np9,Rivers\n",
            "summaries_train.csv": "sid,prompt_id,text,a,b\ns0,p1,x,1.0,2.0\ns1,p0,y,2.0,1.0\n",
            "summaries_test.csv": "sid,prompt_id,text\ns8,p9,z\ns9,p9,w\n",
            "sample_submission.csv": "sid,a,b\ns8,0,0\ns9,0,0\n",
        }
    )
    assert found.train_name.endswith("summaries_train.csv")
    assert found.train.table["prompt"].to_list() == ["Mills", "Waves"]
    assert found.test.table["prompt"].to_list() == ["Rivers", "Rivers"]
    assert used(found)["prompts_train.csv"] == "joined to the rows by prompt_id: prompt"


def test_one_table_that_describes_the_rows_of_both(read: Read) -> None:
    found = read(
        {
            "train.csv": "id,store,day,y\n1,a,1,5\n2,b,1,6\n3,a,2,7\n",
            "test.csv": "id,store,day\n8,b,2\n9,a,1\n",
            "stores.csv": "store,size\na,10\nb,20\nc,30\n",
            "weather.csv": "store,day,rain\na,1,0.1\na,2,0.2\nb,1,0.3\nb,2,0.4\n",
            "visits.csv": "store,guest\na,x\na,y\nb,z\n",
            "holidays.csv": "when,name\n1,x\n",
            "sample_submission.csv": "id,y\n8,0\n9,0\n",
        }
    )
    assert found.train.table["size"].to_list() == [10, 20, 10]
    assert found.test.table["rain"].to_list() == [0.4, 0.1]
    assert used(found)["visits.csv"] == "not used: several rows for each store"
    assert used(found)["holidays.csv"] == "not used: it shares no column with the rows"


SERIES = {
    "train.csv": "seq,step,v\n0,0,1.0\n0,1,3.0\n1,0,5.0\n1,1,5.0\n",
    "train_labels.csv": "seq,state\n0,1\n1,0\n",
    "test.csv": "seq,step,v\n8,0,2.0\n8,1,4.0\n9,0,1.0\n9,1,1.0\n",
    "sample_submission.csv": "seq,state\n8,0\n9,0\n",
}


def test_several_rows_of_one_id_become_one_with_the_label_beside_them(read: Read) -> None:
    found = read(dict(SERIES), aggregates=True)
    assert found.train.table["v mean"].to_list() == [2.0, 5.0]
    assert found.train.table["v max"].to_list() == [3.0, 5.0]
    assert found.train.table["state"].to_list() == [1, 0]
    assert found.test.table[ROW_ID].to_list() == ["8", "9"]
    assert "several rows per seq" in used(found)["train.csv"]
    assert used(found)["train_labels.csv"] == "the labels of the training rows, by seq"


def test_rows_with_different_targets_are_never_made_one(read: Read) -> None:
    files = {
        "train.csv": "id,f,y\n1,1,0\n1,2,1\n2,3,0\n",
        "test.csv": "id,f\n8,1\n9,2\n",
        "sample.csv": SAMPLE,
    }
    assert read(files, aggregates=True).train.table["y"].to_list() == [0, 1, 0]
    with pytest.raises(Fault, match=r"several rows for one 'id', in train with different 'y'"):
        read(files | {"test.csv": "id,f\n8,1\n8,3\n9,2\n"}, aggregates=True)


def test_several_rows_of_one_id_are_refused_where_none_can_be_made_of_them(read: Read) -> None:
    with pytest.raises(Fault, match=r"train.csv has several rows for one 'seq'"):
        read(dict(SERIES))
    with pytest.raises(Fault, match=r"test.csv has the same id more than once: \['8'\]"):
        read({"train.csv": TRAIN, "test.csv": "id,f\n8,1\n8,2\n9,1\n", "sample.csv": SAMPLE})


def test_ids_that_are_joined_of_columns_are_matched_in_any_order(read: Read) -> None:
    files = {
        "train.csv": "patient,side,f,y\n1,L,0.5,0\n1,R,1.5,1\n2,L,2.5,0\n",
        "test.csv": "side,patient,f\nR,7,0.25\nL,7,0.75\nL,8,1.25\n",
        "sample_submission.csv": "id,y\n7_L,0\n7_R,0\n8_L,0\n",
    }
    found = read(files)
    assert found.test.table.select(ROW_ID, "f").rows() == [
        ("7_R", 0.25),
        ("7_L", 0.75),
        ("8_L", 1.25),
    ]
    assert "id" not in found.train.table.columns
    assert "['patient', 'side'], joined by '_'" in used(found)["test.csv"]
    twice = files | {"test.csv": files["test.csv"] + "L,8,1.5\n"}
    with pytest.raises(Fault, match=r"same id more than once: \['8_L'\].*one row for each"):
        read(twice)
    twice["train.csv"] += "2,L,3.5,0\n"
    assert read(twice, aggregates=True).test.table["f mean"].to_list() == [0.25, 0.75, 1.375]


def test_rows_that_only_their_order_matches_with_ids_are_told(read: Read) -> None:
    found = read({"train.csv": "f,y\n1,0\n2,1\n", "test.csv": "f\n3\n4\n", "sample.csv": SAMPLE})
    assert used(found)["test.csv"].endswith("'id': rows go by order")


@pytest.mark.parametrize("kind", ["parquet", "feather"])
def test_a_torn_table_is_refused_by_name(read: Read, tmp_path: Path, kind: str) -> None:
    table = pl.DataFrame({"id": range(99), "f": range(99), "y": [0, 1, 1] * 33})
    if kind == "parquet":
        table.write_parquet(tmp_path / "whole")
    else:
        table.write_ipc(tmp_path / "whole")
    whole = (tmp_path / "whole").read_bytes()
    for size in (9, len(whole) // 2, len(whole) - 3):
        files = {f"train.{kind}": whole[:size], "test.csv": TEST, "sample.csv": SAMPLE}
        with pytest.raises(Fault, match=rf"train.{kind} can't be read.*`compete download` again"):
            read(files)


def test_a_file_that_is_no_table_is_told_and_left(read: Read) -> None:
    files = {"train.csv": TRAIN, "test.csv": TEST, "sample.csv": SAMPLE}
    others = {"map.json": "{torn", "log.jsonl": "[1]\n[2]\n", "old.parquet": b"PAR1 of no use"}
    found = read(files | others)
    assert found.train.table.height == 3
    assert all("it is no table" in used(found)[name] for name in others)


def test_labels_that_lie_beside_the_rows_are_joined(read: Read) -> None:
    found = read(
        {
            "train.csv": "id,text\n1,a\n2,b\n3,c\n",
            "train_labels.csv": "id,y\n3,1\n1,0\n",
            "test.csv": "id,text\n8,d\n9,e\n",
            "sample_submission.csv": SAMPLE,
        }
    )
    assert found.train.table["y"].to_list() == [0, None, 1]


@pytest.mark.parametrize("name", ["y_train.csv", "train_labels.csv"])
def test_labels_without_ids_go_by_the_order_of_the_rows(read: Read, name: str) -> None:
    files = {"X_train.csv": "f\n3\n2\n1\n", name: "y\n0\n1\n1\n", "X_test.csv": "f\n7\n8\n"}
    reading = read(files | {"sample_submission.csv": SAMPLE})
    assert reading.train.table.select("f", "y").rows() == [(3, 0), (2, 1), (1, 1)]
    assert used(reading)[name] == "the labels of the training rows, by the order of the rows"


def test_tables_without_names_of_columns(read: Read) -> None:
    files = {
        "train.csv": "0.5,-1.25\n0.25,2\n0.75,3\n",
        "trainLabels.csv": "1\n0\n1\n",
        "test.csv": "1.5,-1\n2.5,-2\n",
        "sample_submission.csv": "Id,Solution\n1,0\n2,0\n",
    }
    reading = read(files)
    assert reading.train.table["trainlabels"].to_list() == [1, 0, 1]
    assert reading.train.table["column_1"].to_list() == [0.5, 0.25, 0.75]
    assert reading.test.table["column_2"].to_list() == [-1, -2]
    assert reading.test.table[ROW_ID].to_list() == ["1", "2"]
    numbered = read(files | {"train.csv": "0,1,2\n5,6,0\n7,8,1\n", "test.csv": "0,1\n5,6\n7,8\n"})
    assert numbered.train.table.columns[:2] == ["0", "1"]


@pytest.mark.parametrize("kind", [".csv", ".parquet", ".csv.gz"])
def test_of_a_large_table_with_several_rows_for_a_key_only_the_first_are_read(
    read: Read, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(table_roles, "_GLANCE", 3)
    text = "id,amount\n1,5\n1,6\n8,7\n9,7\n"
    content: str | bytes = text if kind == ".csv" else gzip.compress(text.encode())
    content = as_binary(text, "write_parquet") if kind == ".parquet" else content
    files = {"train.csv": TRAIN, "test.csv": TEST, "sample_submission.csv": SAMPLE}
    made = used(read(files | {f"loans{kind}": content}))
    assert made[f"loans{kind}"] == "not used: several rows for each id"
    late = used(read(files | {"loans.csv": "id,amount\n1,5\n2,5\n3,5\n8,6\n9,7\n9,7\n"}))
    assert late["loans.csv"] == "not used: several rows for each id"  # not in the first


def test_a_table_that_is_not_used_is_listed(read: Read) -> None:
    files = {"train.csv": TRAIN, "test.csv": TEST, "sample_submission.csv": SAMPLE}
    assert (
        "not used" in used(read(files | {"drivers.csv": "subject,img\np1,a.png\n"}))["drivers.csv"]
    )


def test_one_file_whose_rows_without_target_are_to_be_predicted(read: Read) -> None:
    found = read(
        {
            "data.csv": "id,f,y\n1,0.5,0\n8,1.5,\n2,2.5,1\n9,3.5,\n",
            "sample_submission.csv": SAMPLE,
        }
    )
    assert found.train.table["id"].to_list() == [1, 2]
    assert found.test.table["f"].to_list() == [1.5, 3.5]
    assert "y" not in found.test.table.columns


def test_targets_that_are_empty_in_the_test_rows_are_none_of_their_inputs(read: Read) -> None:
    found = read({"train.csv": TRAIN, "test.csv": "id,f,y\n8,1,\n9,2,\n", "sample.csv": SAMPLE})
    assert found.copied_columns == []
    assert "y" not in found.test.table.columns


@pytest.mark.parametrize("filled", ["", "NA", "0"])
def test_targets_that_are_filled_in_in_the_test_rows_are_none_of_their_inputs(
    read: Read, filled: str
) -> None:
    test = f"id,f,y\n8,0.5,{filled}\n9,1.5,{filled}\n"
    reading = read({"train.csv": TRAIN, "test.csv": test, "sample_submission.csv": SAMPLE})
    assert reading.copied_columns == []
    assert "y" not in reading.test.table.columns


@pytest.mark.parametrize("filled", ["", "NA"])
def test_targets_that_the_sample_calls_otherwise_are_those_without_values_in_the_test_rows(
    read: Read, filled: str
) -> None:
    test = f"id,f,y\n8,0.5,{filled}\n9,1.5,{filled}\n"
    sample = "id,Probability\n8,0.5\n9,0.5\n"
    reading = read({"train.csv": TRAIN, "test.csv": test, "sample_submission.csv": sample})
    assert "y" not in reading.test.table.columns


def test_a_sample_without_ids_goes_by_the_order_of_the_rows(read: Read) -> None:
    train = "y,when,text\n0,1,you\n1,2,me\n0,1,they\n"
    files = {
        "train.csv": train,
        "test.csv": "when,text\n3,us\n3,them\n",
        "sample_submission_null.csv": "y,when,text\n0,3,us\n0,3,them\n",
    }
    found = read(files)
    assert (found.id_column, found.copied_columns) == (None, ["when", "text"])
    assert found.test.table[ROW_ID].to_list() == ["0", "1"]
    turned = read(files | {"sample_submission_null.csv": "y,when,text\n0,3,them\n0,3,us\n"})
    assert turned.test.table[ROW_ID].to_list() == ["1", "0"]
    with pytest.raises(Fault, match=r"other .*than the sample submission"):
        read(files | {"sample_submission_null.csv": "y,when,text\n0,3,them\n0,3,nobody\n"})


def test_a_sample_of_values_alone_goes_by_the_order_of_the_rows(read: Read) -> None:
    found = read({"train.csv": TRAIN, "test.csv": TEST, "sample_submission.csv": "y\n0.5\n0.25\n"})
    assert (found.id_column, found.copied_columns) == (None, [])


def test_ids_by_order_where_the_test_rows_have_none(read: Read) -> None:
    files = {"train.csv": TRAIN, "test.csv": "f\n1.5\n2.5\n", "sample_submission.csv": SAMPLE}
    assert read(files).test.table[ROW_ID].to_list() == ["8", "9"]
    with pytest.raises(Fault, match=r"test.csv has 1 rows, the sample submission 2.*'id'"):
        read(files | {"test.csv": "f\n1.5\n"})


def test_an_id_that_is_a_number_with_a_point_in_one_file(read: Read) -> None:
    found = read({"train.csv": TRAIN, "test.csv": "id,f\n8.0,1\n9.0,2\n", "sample.csv": SAMPLE})
    assert found.test.table[ROW_ID].to_list() == ["8", "9"]


@pytest.mark.parametrize("name", ["ID", "row"])
def test_ids_that_the_sample_calls_otherwise_are_found_by_what_they_are(
    read: Read, name: str
) -> None:
    reading = read({"train.csv": TRAIN, "test.csv": TEST, "sample.csv": f"{name},y\n9,0\n8,0\n"})
    assert reading.test.table[ROW_ID].to_list() == ["8", "9"]  # not by the order of the rows
    assert reading.id_column == name
    assert name in reading.train.table.columns  # so that it is no feature
    assert "holds the ids" in used(reading)["test.csv"]


@pytest.mark.parametrize("ids", [["008", "009"], ["8.0", "9.0"]])
def test_ids_are_written_as_the_sample_writes_them(read: Read, ids: list[str]) -> None:
    sample = f"id,y\n{ids[1]},0\n{ids[0]},0\n"
    reading = read({"train.csv": TRAIN, "test.csv": TEST, "sample_submission.csv": sample})
    assert reading.test.table[ROW_ID].to_list() == ids


def test_columns_that_train_and_test_spell_otherwise_are_the_same(read: Read) -> None:
    train = "ID,F ,y\n1,0.5,0\n2,1.5,1\n"
    reading = read({"train.csv": train, "test.csv": TEST, "sample_submission.csv": SAMPLE})
    assert reading.train.table.columns == ["id", "f", "y"]


@pytest.mark.parametrize("asked", [{}, {"id_column": "id"}])
def test_a_sample_with_several_rows_for_a_test_row_is_refused(
    read: Read, asked: dict[str, str]
) -> None:
    files = {"train.csv": TRAIN, "test.csv": TEST, "sample.csv": "id,y\n8,0\n8,0\n9,0\n9,0\n"}
    with pytest.raises(Fault, match=r"(4 rows, more|than once).*`sample_table:`"):
        read(files, **asked)
    one = {"one_each.csv": "id,y\n8,0\n9,0\n"}
    assert read(files | one, sample_table="one_each.csv").test.table[ROW_ID].to_list() == ["8", "9"]


def test_ids_with_zeros_in_front_stay_as_they_are(read: Read) -> None:
    found = read(
        {
            "train.csv": TRAIN,
            "test.csv": "id,f\n008,1\n009,2\n",
            "sample.csv": "id,y\n008,0\n009,0\n",
        }
    )
    assert found.test.table[ROW_ID].to_list() == ["008", "009"]


@pytest.mark.parametrize(
    "names",
    [
        ("train.csv", "test.csv", "sample_submission.csv"),
        ("Train_v2.csv", "Test_v2.csv", "SampleSubmission_v2.csv"),
        ("training/data.csv", "testing/test_data.csv", "example_entry.csv"),
        ("churn_training.csv", "churn_testing.csv", "submission_format.csv"),
        ("known.csv", "unknown.csv", "sample_submission.csv"),
        ("a_labelled.csv", "a_unlabelled.csv", "random_submission.csv"),
    ],
)
def test_tables_are_found_by_what_they_hold(read: Read, names: tuple[str, str, str]) -> None:
    found = read(dict(zip(names, (TRAIN, TEST, SAMPLE), strict=True)) | {"zz_other.csv": "q\n1\n"})
    assert found.train_name.endswith(names[0])
    assert found.test.table[ROW_ID].to_list() == ["8", "9"]
    assert used(found)[Path(names[1]).name] == "the rows to predict"


def test_params_name_the_tables(read: Read) -> None:
    files = {
        "one.csv": TRAIN,
        "old/train.csv": "id,f,y\n1,9.5,1\n2,8.5,0\n",
        "test.csv": TEST,
        "late_test.csv": "id,f\n8,7.5\n9,6.5\n",
        "sample_submission.csv": SAMPLE,
        "labels.csv": "id,y\n1,1\n2,1\n3,1\n",
        "rows.csv": "id,f\n1,0.5\n2,1.5\n3,2.5\n",
        "other_sample.csv": "id,y\n9,0\n",
    }
    assert read(files, train_table="one.csv").train.table.height == 3
    assert read(files, test_table="late_test.csv").test.table["f"].to_list() == [7.5, 6.5]
    found = read(files, train_table="rows.csv", label_table="labels.csv")
    assert found.train.table["y"].to_list() == [1, 1, 1]
    assert read(files, sample_table="other_sample.csv").sample.height == 1
    with pytest.raises(Fault, match=r"`train_table: nowhere.csv`.*Name one of labels.csv, late_t"):
        read(files, train_table="nowhere.csv")


def test_what_is_missing_is_named_with_the_key_to_set(read: Read) -> None:
    with pytest.raises(Fault, match=r"no sample submission.*contains train.csv.*sample_table:"):
        read({"train.csv": TRAIN})
    with pytest.raises(Fault, match=r"No table of the test rows.*test_table:"):
        read({"train.csv": TRAIN, "sample_submission.csv": SAMPLE})
    files = {"train.csv": TRAIN, "test.csv": "id,f\n8,1\n7,2\n", "sample.csv": SAMPLE}
    with pytest.raises(Fault, match=r"no row for 1 ids of the sample submission, first 9"):
        read(files)


def test_a_column_of_our_own_names_is_refused(read: Read) -> None:
    with pytest.raises(Fault, match=r"'compete:fold'.*Rename"):
        read({"train.csv": "id,compete:fold,y\n1,2,0\n", "test.csv": TEST, "sample.csv": SAMPLE})
