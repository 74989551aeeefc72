"""From rows to tokens: once, whole where they fit, and whatever the files hold."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from conftest import Package
from facts import read_facts
from small import Rows, as_csv, write
from texts import competition, rows, sentence

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


def tokens(package: Package, split: str = "train") -> Any:
    """The tokens that lie under the working folder."""
    (folder,) = Path("data/processed").glob("tokens-*")
    return package("modeling.tokens").Tokens(folder, split)


def test_every_row_has_its_tokens_in_order(package: Package, prepare: Prepare) -> None:
    from transformers import AutoTokenizer

    facts = prepare()
    found = tokens(package)
    tokenizer = AutoTokenizer.from_pretrained(next(Path("data/processed").glob("tokens-*")))
    table = pl.read_parquet("data/processed/train.parquet")
    assert len(found.ids.lengths) == table.height == facts["rows"]
    for row in (0, 7, 59):
        text = tokenizer.decode(found.row(row)[0], skip_special_tokens=True)
        assert text == f"{table['place'][row]} {table['text'][row]}"
    assert facts["train_cut"] <= 1
    assert len(tokens(package, "test").ids.lengths) == 9


def test_long_rows_are_cut_and_counted(package: Package, prepare: Prepare) -> None:
    facts = prepare(data={"max_length": 8})
    lengths = tokens(package).ids.lengths
    assert lengths.max() == 8
    assert facts["train_cut"] == facts["tokens_longest"] > 8 or facts["train_cut"] > 0
    assert (lengths == 8).sum() >= facts["train_cut"]
    ids = [tokens(package).row(row)[0] for row in range(60)]
    assert len({int(row[-1]) for row in ids}) == 1, "each ends with the separator"


@pytest.mark.parametrize("length", [2, 100_000, "long", True])
def test_a_length_that_is_none_is_refused(
    prepare: Prepare, fault: type[Exception], length: Any
) -> None:
    with pytest.raises(fault, match=r"max_length.*from 4 to 512"):
        prepare(data={"max_length": length})


def test_a_pair_has_two_segments(package: Package, prepare: Prepare) -> None:
    train = [row | {"more": sentence("calm", i)} for i, row in enumerate(rows(30))]
    prepare(train, [row | {"more": "tea and bread"} for row in rows(6, 100)])
    ids, types = tokens(package).row(3)
    assert set(types.tolist()) == {0, 1}
    assert types.tolist() == sorted(types.tolist())
    assert len(ids) == len(types)


def test_members_have_their_own_tokens_and_share_the_same(
    package: Package, prepare: Prepare, tmp_path: Path
) -> None:
    def members(_: Path) -> None:
        write(tmp_path / "members/short.yaml", "data: {max_length: 8}\n")
        write(tmp_path / "members/slow.yaml", "model: {lr: 1.0e-5}\n")

    prepare(spoil=members)
    assert len(list(Path("data/processed").glob("tokens-*"))) == 2


def test_what_was_not_tokenized_is_refused_before_training(
    package: Package, prepare: Prepare, fault: type[Exception]
) -> None:
    prepare()
    with pytest.raises(fault, match=r"not tokenized.*compete prepare"):
        package("modeling.train").train(0, None, ["--data.max_length", "12"])


def test_the_same_text_never_crosses_a_fold(prepare: Prepare) -> None:
    train = rows(60)
    for i in range(0, 20, 2):  # shared again, with another link
        train[i]["text"] = f"{train[i]['text']} https://t.co/{i}"
        train[i + 1] |= {"text": train[i]["text"] + "x", "label": train[i]["label"]}
    facts = prepare(train)
    table = pl.read_parquet("data/processed/train.parquet")
    assert facts["duplicates"] == 10
    assert table.group_by("content").agg(pl.col("fold").n_unique())["fold"].max() == 1


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


def test_hostile_texts_are_read_like_others(package: Package, prepare: Prepare) -> None:
    train = rows(60)
    for row, text in zip(train, HOSTILE, strict=False):
        row["text"] = text
    facts = prepare(train)
    assert facts["rows"] == 60
    assert facts["tokens_longest"] >= 20_000
    assert tokens(package).ids.lengths.max() <= facts["max_length"] <= 512
    table = pl.read_parquet("data/processed/train.parquet")
    assert table["text"].to_list()[:8] == HOSTILE
    assert all(len(np.unique(tokens(package).row(row)[0])) > 2 for row in range(8))


ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "Windows line ends": lambda text: text.replace("\n", "\r\n").encode(),
    "a byte-order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "latin-1": lambda text: text.encode("latin-1"),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_files_of_other_makes_hold_the_same_texts(prepare: Prepare, encoding: str) -> None:
    train = rows(30)
    train[0]["text"] = "café à Zürich, señor"

    def rewrite(raw: Path) -> None:
        write(raw / "train.csv", ENCODINGS[encoding](as_csv(train)))

    prepare(train, spoil=rewrite)
    table = pl.read_parquet("data/processed/train.parquet")
    assert table["id"].to_list() == list(range(30))
    assert table["text"][0] == "café à Zürich, señor"
    assert table["label"].n_unique() == 3


def test_a_training_row_without_text_is_refused_or_left_out(
    prepare: Prepare, fault: type[Exception]
) -> None:
    train, test = rows(30), rows(6, 100)
    train[4]["text"], train[9]["text"], test[2]["text"] = None, " \u200b ", ""
    with pytest.raises(
        fault, match=r"2 rows of data/raw/train.csv have no text.*lines 6, 11.*skip"
    ):
        prepare(train, test)
    facts = prepare(train, test, data={"on_bad_row": "skip"})
    assert (facts["rows"], facts["train_empty"]) == (28, 2)
    assert (facts["test_rows"], facts["test_empty"]) == (6, 1)


def test_rows_without_label_are_refused_or_left_out(
    prepare: Prepare, fault: type[Exception]
) -> None:
    train = rows(30)
    train[3]["label"] = None
    with pytest.raises(fault, match=r"1 rows of .* have no label \(lines 5\)"):
        prepare(train)
    assert prepare(train, data={"on_bad_row": "skip"})["rows"] == 29


def test_an_empty_column_of_text_is_refused_by_name(
    prepare: Prepare, fault: type[Exception]
) -> None:
    train = [row | {"text": None} for row in rows(30)]
    with pytest.raises(fault, match=r"has no text|No row|have no text"):
        prepare(train, data={"text_columns": ["text"], "side_columns": []})


def test_the_same_id_twice_among_the_test_rows_is_refused(
    prepare: Prepare, fault: type[Exception]
) -> None:
    test = rows(6, 100)
    test[3]["id"] = test[1]["id"]
    with pytest.raises(fault, match=r"test.csv has the same id more than once.*101"):
        prepare(None, test)


def test_labels_that_are_all_the_same_are_refused(prepare: Prepare, fault: type[Exception]) -> None:
    with pytest.raises(fault, match=r"'label'.*one value.*target_columns"):
        prepare([row | {"label": "calm"} for row in rows(30)])


def test_without_a_table_of_test_rows_it_says_so(prepare: Prepare, fault: type[Exception]) -> None:
    with pytest.raises(fault, match="No table of the test rows"):
        prepare(spoil=lambda raw: (raw / "test.csv").unlink())
