"""Which pairs are fit to learn from, and what becomes of those that are not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import Package
from facts import read_facts
from sentences import competition, rows
from small import Rows, as_csv, write

PARAMS = Path(__file__).parents[1] / "params.yaml"
Prepare = Callable[..., dict[str, Any]]


@pytest.fixture
def prepare(package: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prepare:
    """`prepare(train, test, spoil=..., **sections)`: the facts, those of the tokens among them."""
    monkeypatch.chdir(tmp_path)

    def run(
        train: Rows | None = None,
        test: Rows | None = None,
        spoil: Callable[[Path], Any] | None = None,
        **sections: Any,
    ) -> dict[str, Any]:
        competition(tmp_path, PARAMS, train, test, **sections)
        if spoil:
            spoil(tmp_path / "data" / "raw")
        package("modeling.prepare").prepare()
        return read_facts(tmp_path)

    return run


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Où est-il ?", "LATIN"),
        ("שלום abc עולם", "HEBREW"),
        ("これは本です", "CJK"),
        ("123 🔥 !", None),
        ("", None),
    ],
)
def test_the_script_of_a_text_is_that_of_most_letters(
    package: Package, text: str, expected: str | None
) -> None:
    assert package("modeling.pairs").script(text) == expected


def test_a_mixture_of_scripts_is_nobodys_fault(package: Package) -> None:
    sides = ["hello", "мир", "שלום"], ["a", "b", "c"]
    assert package("modeling.pairs").faults(*sides) == [None] * 3


def test_pairs_that_are_unfit_are_counted_and_left_out(
    prepare: Prepare, fault: type[Exception]
) -> None:
    train = rows()
    train[3]["french"], train[5]["english"] = "\u200b ", None
    train[8]["french"] = "это не по-французски"
    facts = prepare(train)
    assert (facts["rows"], facts["train_empty"], facts["train_wrong_script"]) == (33, 2, 1)
    with pytest.raises(fault, match=r"3 pairs .*2 empty, 1 wrong script; first lines 5, 7, 10"):
        prepare(train, data={"on_bad_row": "refuse"})


def test_pairs_without_a_translation_are_left_out_like_rows_without_label(
    prepare: Prepare,
) -> None:
    train = rows()
    train[2]["french"] = None
    facts = prepare(train)
    assert facts["rows"] == 35
    assert facts["dropped_without_label"] == 1


def test_every_test_row_is_kept_whatever_it_holds(prepare: Prepare) -> None:
    test = rows(9, 100)
    for row, text in zip(
        test, ("", "שלום", "🔥", "the cat " * 12_500, "a\r\nb", 'it\'s "so"'), strict=False
    ):
        row["english"] = text
    facts = prepare(None, test)
    assert (facts["test_rows"], facts["test_empty"]) == (9, 1)
    assert facts["test-source_cut"] == 1


def test_long_sentences_are_cut_and_their_translations_lose_the_end_mark(
    package: Package, prepare: Prepare
) -> None:
    train = rows()
    train[0] |= {"english": "the cat sleeps " * 50, "french": "le chat dort " * 50}
    facts = prepare(train, data={"max_length": 20})
    assert facts["train-source_cut"] == facts["train-target_cut"] == 1
    (folder,) = Path("data/processed").glob("tokens-*")
    tokens = package("modeling.tokens").Tokens(folder)
    end = tokens.targets[1][-1]
    assert tokens.sources["train"][1][-1] == end
    assert len(tokens.sources["train"][0]) == len(tokens.targets[0]) == 20
    assert tokens.sources["train"][0][-1] == end
    assert tokens.targets[0][-1] != end


@pytest.mark.parametrize("length", [2, 10_000, "long"])
def test_a_length_that_is_none_is_refused(
    prepare: Prepare, fault: type[Exception], length: Any
) -> None:
    with pytest.raises(fault, match=r"max_length.*no length"):
        prepare(data={"max_length": length})


def test_the_source_is_found_or_named(prepare: Prepare, fault: type[Exception]) -> None:
    train = [row | {"note": "x"} for row in rows()]

    def with_note(raw: Path) -> None:
        write(
            raw / "test.csv", as_csv([{"id": i, "english": "a cat", "note": "x"} for i in range(9)])
        )
        write(raw / "sample_submission.csv", as_csv([{"id": i, "french": ""} for i in range(9)]))

    prepare(train, spoil=with_note)
    assert "english" in Path("contract.yaml").read_text(encoding="utf-8")
    with pytest.raises(fault, match=r"source_column: german.*Choose one of"):
        prepare(train, spoil=with_note, data={"source_column": "german"})


def test_the_same_sentence_never_crosses_a_fold(prepare: Prepare) -> None:
    train = rows()
    for i in range(0, 12, 2):
        train[i + 1] |= {"english": f" {train[i]['english']}\r\n", "french": f"autre {i}"}
    facts = prepare(train)
    table = pl.read_parquet("data/processed/train.parquet")
    assert facts["duplicates"] >= 6
    assert table.group_by("content").agg(pl.col("fold").n_unique())["fold"].max() == 1


def test_the_same_id_twice_among_the_test_rows_is_refused(
    prepare: Prepare, fault: type[Exception]
) -> None:
    test = rows(6, 100)
    test[3]["id"] = test[1]["id"]
    with pytest.raises(fault, match="the same id more than once"):
        prepare(None, test)
