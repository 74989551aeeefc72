"""Which columns are text, and what becomes of the texts."""

from typing import Any

import polars as pl
import pytest
from samples import sentence

from compete.contract import Feature
from compete.errors import Fault
from compete.tasks.text.columns import Features, cleaned, find_columns, joined
from compete.tasks.text.settings import TextSettings

MANY = 40


def table(**columns: list[Any]) -> pl.DataFrame:
    return pl.DataFrame({"id": range(MANY), **columns})


def find(frame: pl.DataFrame, **options: Any) -> dict[str, str]:
    found = find_columns(frame, frame, {"id": "it identifies the row"}, TextSettings(**options))
    return {name: feature.kind for name, feature in found.items() if feature.kind != "drop"}


TITLES = [sentence("fire", i, words=4) for i in range(MANY)]
BODIES = [sentence("flood", i, words=30) for i in range(MANY)]
WORD = ["ablaze", "flood", "calm", "ash"] * (MANY // 4)


def test_the_longest_column_is_text_and_one_that_repeats_goes_with_it() -> None:
    frame = table(keyword=WORD, text=TITLES, link=[f"x.com/{i}" for i in range(MANY)])
    assert find(frame) == {"keyword": "side", "text": "text"}


def test_two_columns_of_sentences_are_a_pair() -> None:
    assert find(table(title=TITLES, body=BODIES)) == {"title": "text", "body": "text"}


def test_numbers_are_no_text_unless_they_are_named() -> None:
    frame = table(stars=[1, 2] * (MANY // 2), text=TITLES)
    assert find(frame) == {"text": "text"}
    assert find(frame, side_columns=["stars"]) == {"stars": "side", "text": "text"}


def test_an_empty_column_is_left_out() -> None:
    empty = pl.Series([None] * MANY, dtype=pl.String)
    frame = table(text=TITLES).with_columns(empty.alias("note"))
    assert find(frame) == {"text": "text"}
    with pytest.raises(Fault, match=r"None of the columns \['note'\].*text_columns"):
        find(frame.drop("text"))


def test_params_correct_what_was_found() -> None:
    frame = table(keyword=WORD, title=TITLES, body=BODIES)
    chosen = find(frame, text_columns=["body"], side_columns=[])
    assert chosen == {"body": "text"}
    with pytest.raises(Fault, match=r"text_columns.*does not name columns"):
        find(frame, text_columns=["bodi"])


def test_a_second_short_text_makes_a_pair() -> None:
    nouns, verbs = ["house", "river", "bread", "night"], ["opens", "runs", "ends"]
    frame = table(
        anchor=[f"{nouns[i % 4]} {nouns[i // 4 % 4]} {i}" for i in range(MANY)],
        target=[f"{verbs[i % 3]} {i}" for i in range(MANY)],
        context=["A47", "B60"] * (MANY // 2),
    )
    assert find(frame) == {"anchor": "text", "target": "text", "context": "side"}


def test_every_column_that_is_left_out_is_listed_with_the_reason() -> None:
    frame = table(
        text=BODIES,
        reply=TITLES,
        stars=list(range(MANY)),
        code=[f"x{i}" for i in range(MANY)],
        when=[f"2024-01-{1 + i % 28:02} 10:{i:02}:00" for i in range(MANY)],
        place=[f"town {i // 3}" for i in range(MANY)],
        always=["x"] * MANY,
    )
    found = find_columns(
        frame, frame.drop("reply"), {"id": "it identifies the row"}, TextSettings()
    )
    assert [name for name, one in found.items() if one.kind != "drop"] == ["text"]
    reasons = {name: one.source for name, one in found.items()}
    assert list(reasons) == frame.columns
    assert reasons["id"] == "it identifies the row"
    assert reasons["reply"] == "the test rows do not have it"
    assert reasons["stars"].startswith("it contains no text")
    assert reasons["code"] == reasons["when"]
    assert reasons["code"].startswith("nearly every row has its own value")
    assert reasons["place"].startswith("14 different values")
    assert reasons["always"] == "it is constant"


def test_texts_stay_as_they_are_where_that_is_asked() -> None:
    features = {"text": Feature("text", "the files")}
    frame = pl.DataFrame({"text": ["a &amp;  b", None]})
    assert cleaned(frame, features, False)["text"].to_list() == ["a &amp;  b", ""]
    assert cleaned(frame, features, True)["text"].to_list() == ["a & b", ""]


def test_side_values_go_in_front_and_the_last_text_is_the_second_of_a_pair() -> None:
    frame = pl.DataFrame({"word": ["w", ""], "a": ["one", "two"], "b": ["x", "y"]})
    kinds = {"word": "side", "a": "text", "b": "text"}
    features: Features = {name: Feature(kind, "the files") for name, kind in kinds.items()}
    assert joined(frame, features, "[SEP]") == (["w [SEP] one", "two"], ["x", "y"])
    features.pop("b")
    assert joined(frame, features, "|") == (["w | one", "two"], None)
