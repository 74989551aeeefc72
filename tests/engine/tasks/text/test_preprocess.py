"""From rows to tokens: once, whole where they fit, and whatever the files hold."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from competitions.texts import competition, rows
from samples import sentence, write
from small import Rows, as_csv
from transformers import AutoTokenizer

from compete.errors import Fault
from compete.files import CONTENT, FOLD
from compete.records import Prepared
from compete.supervised.prepare import prepare
from compete.supervised.train import train
from compete.tasks.language.token_cache import TokenFacts
from compete.tasks.text.tokens import Tokens

TASK = "text"
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


def tokens(split: str = "train") -> Tokens:
    """The tokens of a split under the working folder."""
    return Tokens(tokens_folder(), split)


def test_every_row_has_its_tokens_in_order(prepared_with: PreparedWith) -> None:
    prepared = prepared_with()
    found = tokens()
    tokenizer: Any = AutoTokenizer.from_pretrained(tokens_folder())
    table = pl.read_parquet("data/processed/train.parquet")
    assert len(found.ids.lengths) == table.height == prepared.rows
    for row in (0, 7, 59):
        text = tokenizer.decode(found.row(row)["input_ids"], skip_special_tokens=True)
        assert text == f"{table['place'][row]} {table['text'][row]}"
    facts = TokenFacts.load(tokens_folder())
    assert facts.cut["train"] <= 1
    assert (facts.backbone, facts.weights) == ("bert", "none")
    assert facts.vocabulary == len(tokenizer)
    assert len(tokens("test").ids.lengths) == 9


def test_long_rows_are_cut_and_counted(
    prepared_with: PreparedWith, capsys: pytest.CaptureFixture[str]
) -> None:
    prepared_with(data={"max_length": 8})
    facts = TokenFacts.load(tokens_folder())
    lengths = tokens().ids.lengths
    assert lengths.max() == 8
    assert facts.max_length == 8 < facts.tokens_longest
    assert 0 < facts.cut["train"] <= (lengths == 8).sum()
    printed = "".join(capsys.readouterr())
    assert f"{facts.tokens_longest} in the longest" in printed
    assert f"Longer rows are cut at 8 tokens: {facts.cut['train']} of train" in printed
    ids = [tokens().ids[row] for row in range(60)]
    assert len({int(row[-1]) for row in ids}) == 1, "each ends with the separator"


@pytest.mark.parametrize("length", [2, 100_000])
def test_a_length_that_is_none_is_refused(prepared_with: PreparedWith, length: Any) -> None:
    with pytest.raises(Fault, match=r"max_length.*from 4 to 512"):
        prepared_with(data={"max_length": length})


@pytest.mark.parametrize("length", ["long", True])
def test_a_length_of_another_type_is_refused_by_name(
    prepared_with: PreparedWith, length: Any
) -> None:
    with pytest.raises(Fault, match=r"max_length"):
        prepared_with(data={"max_length": length})


def test_a_pair_has_two_segments(prepared_with: PreparedWith) -> None:
    train = [row | {"more": sentence("calm", i)} for i, row in enumerate(rows(30))]
    prepared_with(train, [row | {"more": "tea and bread"} for row in rows(6, 100)])
    ids, types = (tokens().row(3)[key] for key in ("input_ids", "token_type_ids"))
    assert set(types.tolist()) == {0, 1}
    assert types.tolist() == sorted(types.tolist())
    assert len(ids) == len(types)


def test_members_have_their_own_tokens_and_share_the_same(
    prepared_with: PreparedWith, tmp_path: Path
) -> None:
    def members(_: Path) -> None:
        write(tmp_path / "members/short.yaml", "data: {max_length: 8}\n")
        write(tmp_path / "members/slow.yaml", "model: {lr: 1.0e-5}\n")

    prepared_with(spoil=members)
    assert len(list(Path("data/processed").glob("tokens-*"))) == 2


def test_what_was_not_tokenized_is_refused_before_training(prepared_with: PreparedWith) -> None:
    prepared_with()
    with pytest.raises(Fault, match=r"not tokenized.*compete prepare"):
        train(0, None, ["--data.max_length", "12"])


def test_the_same_text_never_crosses_a_fold(prepared_with: PreparedWith) -> None:
    train = rows(60)
    for i in range(0, 20, 2):  # shared again, with another link
        train[i]["text"] = f"{train[i]['text']} https://t.co/{i}"
        train[i + 1] |= {"text": train[i]["text"] + "x", "label": train[i]["label"]}
    prepared = prepared_with(train)
    table = pl.read_parquet("data/processed/train.parquet")
    assert prepared.duplicates == 10
    assert table.group_by(CONTENT).agg(pl.col(FOLD).n_unique())[FOLD].max() == 1


HOSTILE = [
    "🔥🔥 evacuate 🚒 now 👩‍👩‍👧",
    "שלום עולם זה טקסט מימין לשמאל",
    "النص العربي من اليمين إلى اليسار",
    "word " * 20_000,
    "x" * 100_000,
    "two\r\nlines, \"quoted\" and 'more'",
    "\x01\x02 control \u202e signs",
    "=cmd|' /C calc'!A0",
]


def test_hostile_texts_are_read_like_others(prepared_with: PreparedWith) -> None:
    train = rows(60)
    for row, text in zip(train, HOSTILE, strict=False):
        row["text"] = text
    assert prepared_with(train).rows == 60
    facts = TokenFacts.load(tokens_folder())
    assert facts.tokens_longest >= 20_000
    assert tokens().ids.lengths.max() <= facts.max_length <= 512
    table = pl.read_parquet("data/processed/train.parquet")
    assert table["text"].to_list()[:8] == HOSTILE
    assert all(len(np.unique(tokens().ids[row])) > 2 for row in range(8))


ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "Windows line ends": lambda text: text.replace("\n", "\r\n").encode(),
    "a byte-order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "latin-1": lambda text: text.encode("latin-1"),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_files_of_other_makes_hold_the_same_texts(
    prepared_with: PreparedWith, encoding: str
) -> None:
    train = rows(30)
    train[0]["text"] = "café à Zürich, señor"

    def rewrite(raw: Path) -> None:
        write(raw / "train.csv", ENCODINGS[encoding](as_csv(train)))

    prepared_with(train, spoil=rewrite)
    table = pl.read_parquet("data/processed/train.parquet")
    assert table["id"].to_list() == list(range(30))
    assert table["text"][0] == "café à Zürich, señor"
    assert table["label"].n_unique() == 3


def test_a_training_row_without_text_is_refused_or_left_out(prepared_with: PreparedWith) -> None:
    train, test = rows(30), rows(6, 100)
    train[4]["text"], train[9]["text"], test[2]["text"] = None, " \u200b ", ""
    with pytest.raises(
        Fault, match=r"2 rows of data/raw/train.csv have no text.*lines 6, 11.*skip"
    ):
        prepared_with(train, test)
    prepared = prepared_with(train, test, data={"on_bad_row": "skip"})
    assert (prepared.rows, prepared.counts["train_empty"]) == (28, 2)
    assert (prepared.test_rows, prepared.counts["test_empty"]) == (6, 1)


def test_rows_without_label_are_refused_or_left_out(prepared_with: PreparedWith) -> None:
    train = rows(30)
    train[3]["label"] = None
    with pytest.raises(Fault, match=r"1 rows of .* have no label \(lines 5\)"):
        prepared_with(train)
    assert prepared_with(train, data={"on_bad_row": "skip"}).rows == 29


def test_an_empty_column_of_text_is_refused_by_name(prepared_with: PreparedWith) -> None:
    train = [row | {"text": None} for row in rows(30)]
    with pytest.raises(Fault, match=r"has no text|No row|have no text"):
        prepared_with(train, data={"text_columns": ["text"], "side_columns": []})


def test_the_same_id_twice_among_the_test_rows_is_refused(prepared_with: PreparedWith) -> None:
    test = rows(6, 100)
    test[3]["id"] = test[1]["id"]
    with pytest.raises(Fault, match=r"has the same 'id' more than once.*101"):
        prepared_with(None, test)


def test_labels_that_are_all_the_same_are_refused(prepared_with: PreparedWith) -> None:
    with pytest.raises(Fault, match=r"'label'.*same value.*target_columns"):
        prepared_with([row | {"label": "calm"} for row in rows(30)])


def test_without_a_table_of_test_rows_it_says_so(prepared_with: PreparedWith) -> None:
    with pytest.raises(Fault, match="No table of the test rows"):
        prepared_with(spoil=lambda raw: (raw / "test.csv").unlink())
