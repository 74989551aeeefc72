"""Which pairs are fit to learn from, and what becomes of those that are not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from competitions.sentences import competition, rows
from samples import write
from small import Rows, as_csv

from compete.contract import Contract, Feature
from compete.errors import Fault
from compete.files import CONTENT, FOLD
from compete.records import Prepared
from compete.supervised.prepare import prepare
from compete.tasks.language.token_cache import TokenFacts
from compete.tasks.translation.pairs import pair_problems, script
from compete.tasks.translation.tokens import Tokens

TASK = "translation"
PreparedWith = Callable[..., Prepared]


@pytest.fixture
def prepared_with(author: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PreparedWith:
    """`prepared_with(train, test, spoil=..., data={...})` prepares a competition of such rows."""
    monkeypatch.chdir(tmp_path)

    def run(
        train: Rows | None = None,
        test: Rows | None = None,
        spoil: Callable[[Path], Any] | None = None,
        **sections: Any,
    ) -> Prepared:
        competition(tmp_path, train, test, **sections)
        if spoil:
            spoil(tmp_path / "data" / "raw")
        prepare()
        return Prepared.load()

    return run


def tokens_folder() -> Path:
    """The one folder of tokens under the working folder."""
    (folder,) = Path("data/processed").glob("tokens-*")
    return folder


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
def test_the_script_of_a_text_is_that_of_most_letters(text: str, expected: str | None) -> None:
    assert script(text) == expected


def test_a_mixture_of_scripts_rules_no_pair_out() -> None:
    sides = ["hello", "мир", "שלום"], ["a", "b", "c"]
    assert pair_problems(*sides) == [None] * 3


def test_pairs_that_are_unfit_are_counted_and_left_out(prepared_with: PreparedWith) -> None:
    train = rows()
    train[3]["french"], train[5]["english"] = "\u200b ", None
    train[8]["french"] = "это не по-французски"
    prepared = prepared_with(train)
    assert prepared.rows == 33
    assert (prepared.counts["train_empty"], prepared.counts["train_wrong_script"]) == (2, 1)
    with pytest.raises(Fault, match=r"3 pairs .*2 empty, 1 wrong script; first lines 5, 7, 10"):
        prepared_with(train, data={"on_bad_row": "refuse"})


def test_pairs_without_a_translation_are_left_out_like_rows_without_label(
    prepared_with: PreparedWith,
) -> None:
    train = rows()
    train[2]["french"] = None
    prepared = prepared_with(train)
    assert prepared.rows == 35
    assert prepared.counts["dropped_without_label"] == 1


def test_every_test_row_is_kept_whatever_it_holds(prepared_with: PreparedWith) -> None:
    test = rows(9, 100)
    for row, text in zip(
        test, ("", "שלום", "🔥", "the cat " * 12_500, "a\r\nb", 'it\'s "so"'), strict=False
    ):
        row["english"] = text
    prepared = prepared_with(None, test)
    assert (prepared.test_rows, prepared.counts["test_empty"]) == (9, 1)
    assert TokenFacts.load(tokens_folder()).cut["test-source"] == 1


def test_long_sentences_are_cut_and_their_translations_lose_the_end_mark(
    prepared_with: PreparedWith,
) -> None:
    train = rows()
    train[0] |= {"english": "the cat sleeps " * 50, "french": "le chat dort " * 50}
    prepared_with(train, data={"max_length": 20})
    cut = TokenFacts.load(tokens_folder()).cut
    assert cut["train-source"] == cut["train-target"] == 1
    tokens = Tokens(tokens_folder())
    end = tokens.targets[1][-1]
    assert tokens.sources["train"][1][-1] == end
    assert len(tokens.sources["train"][0]) == len(tokens.targets[0]) == 20
    assert tokens.sources["train"][0][-1] == end
    assert tokens.targets[0][-1] != end


@pytest.mark.parametrize("length", [2, 10_000])
def test_a_length_that_is_none_is_refused(prepared_with: PreparedWith, length: Any) -> None:
    with pytest.raises(Fault, match=r"max_length.*no length"):
        prepared_with(data={"max_length": length})


def test_a_length_of_another_type_is_refused_by_name(prepared_with: PreparedWith) -> None:
    with pytest.raises(Fault, match=r"max_length.*long"):
        prepared_with(data={"max_length": "long"})


def test_the_source_is_found_or_named(prepared_with: PreparedWith) -> None:
    train = [row | {"note": "x"} for row in rows()]

    def with_note(raw: Path) -> None:
        write(
            raw / "test.csv", as_csv([{"id": i, "english": "a cat", "note": "x"} for i in range(9)])
        )
        write(raw / "sample_submission.csv", as_csv([{"id": i, "french": ""} for i in range(9)]))

    prepared_with(train, spoil=with_note)
    features = Contract.load().features
    assert features["english"] == Feature("source", "the files")
    assert features["note"].kind == features["id"].kind == "drop"
    with pytest.raises(Fault, match=r"source_column: german.*Choose one of"):
        prepared_with(train, spoil=with_note, data={"source_column": "german"})


def test_the_same_sentence_never_crosses_a_fold(prepared_with: PreparedWith) -> None:
    train = rows()
    for i in range(0, 12, 2):
        train[i + 1] |= {"english": f" {train[i]['english']}\r\n", "french": f"autre {i}"}
    prepared = prepared_with(train)
    table = pl.read_parquet("data/processed/train.parquet")
    assert prepared.duplicates >= 6
    assert table.group_by(CONTENT).agg(pl.col(FOLD).n_unique())[FOLD].max() == 1


def test_the_same_id_twice_among_the_test_rows_is_refused(prepared_with: PreparedWith) -> None:
    test = rows(6, 100)
    test[3]["id"] = test[1]["id"]
    with pytest.raises(Fault, match="the same 'id' more than once"):
        prepared_with(None, test)
