"""Which columns are text, and what becomes of the texts."""

from typing import Any

import polars as pl
import pytest
from conftest import Package
from texts import sentence

MANY = 40


def table(**columns: list[Any]) -> pl.DataFrame:
    return pl.DataFrame({"id": range(MANY), **columns})


def find(package: Package, frame: pl.DataFrame, **options: Any) -> dict[str, str]:
    found = package("modeling.columns").find_columns(frame, frame, {"id"}, options)
    return {name: what["kind"] for name, what in found.items()}


TITLES = [sentence("fire", i, words=4) for i in range(MANY)]
BODIES = [sentence("flood", i, words=30) for i in range(MANY)]
WORD = ["ablaze", "flood", "calm", "ash"] * (MANY // 4)


def test_the_longest_column_is_text_and_one_that_repeats_goes_with_it(package: Package) -> None:
    frame = table(keyword=WORD, text=TITLES, link=[f"x.com/{i}" for i in range(MANY)])
    assert find(package, frame) == {"keyword": "side", "text": "text"}


def test_two_columns_of_sentences_are_a_pair(package: Package) -> None:
    assert find(package, table(title=TITLES, body=BODIES)) == {"title": "text", "body": "text"}


def test_numbers_are_no_text_unless_they_are_named(package: Package) -> None:
    frame = table(stars=[1, 2] * (MANY // 2), text=TITLES)
    assert find(package, frame) == {"text": "text"}
    assert find(package, frame, side_columns=["stars"]) == {"stars": "side", "text": "text"}


def test_an_empty_column_is_left_out(package: Package, fault: type[Exception]) -> None:
    empty = pl.Series([None] * MANY, dtype=pl.String)
    frame = table(text=TITLES).with_columns(empty.alias("note"))
    assert find(package, frame) == {"text": "text"}
    with pytest.raises(fault, match=r"None of the columns \['note'\].*text_columns"):
        find(package, frame.drop("text"))


def test_params_correct_what_was_found(package: Package, fault: type[Exception]) -> None:
    frame = table(keyword=WORD, title=TITLES, body=BODIES)
    chosen = find(package, frame, text_columns=["body"], side_columns=[])
    assert chosen == {"body": "text"}
    for wrong in (["bodi"], "body"):
        with pytest.raises(fault, match=r"text_columns.*does not name columns"):
            find(package, frame, text_columns=wrong)


def test_a_column_that_only_training_rows_have_is_not_read(package: Package) -> None:
    frame = table(text=TITLES, answer=BODIES)
    found = package("modeling.columns").find_columns(frame, frame.drop("answer"), {"id"}, {})
    assert list(found) == ["text"]


def test_texts_stay_as_they_are_where_that_is_asked(package: Package) -> None:
    features = {"text": {"kind": "text"}}
    frame = pl.DataFrame({"text": ["a &amp;  b", None]})
    cleaned = package("modeling.columns").cleaned
    assert cleaned(frame, features, False)["text"].to_list() == ["a &amp;  b", ""]
    assert cleaned(frame, features, True)["text"].to_list() == ["a & b", ""]


def test_side_values_go_in_front_and_the_last_text_is_the_second_of_a_pair(
    package: Package,
) -> None:
    joined = package("modeling.columns").joined
    frame = pl.DataFrame({"word": ["w", ""], "a": ["one", "two"], "b": ["x", "y"]})
    kinds = {"word": "side", "a": "text", "b": "text"}
    features = {name: {"kind": kind} for name, kind in kinds.items()}
    assert joined(frame, features, "[SEP]") == (["w [SEP] one", "two"], ["x", "y"])
    features.pop("b")
    assert joined(frame, features, "|") == (["w | one", "two"], None)
