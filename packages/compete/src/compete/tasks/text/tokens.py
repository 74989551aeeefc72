"""Tokens of all rows: made once for each tokenizer, kept in memory-mapped arrays."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from transformers import AutoConfig, AutoTokenizer

from compete.contract import Feature
from compete.errors import Fault
from compete.tasks.language.ragged import Ragged, write_rows
from compete.tasks.language.token_cache import AT_ONCE, TokenFacts, cut_at, keep_tokenizer
from compete.tasks.text.columns import Features, cleaned, joined
from compete.tasks.text.encoder import tokenizer_for
from compete.tasks.text.settings import TextSettings
from compete.tasks.text.texts import Texts, keep_texts, texts_file, write_texts
from compete.tasks.text.tfidf import TFIDF
from compete.training.config import Config

_LONGEST = 512


class Tokens:
    """The tokens of one split, as `keep_tokens` left them."""

    def __init__(self, folder: Path, split: str) -> None:
        self.ids = Ragged(folder, f"{split}-ids")
        segments = (folder / f"{split}-segments.npy").exists()
        self.segments = Ragged(folder, f"{split}-segments") if segments else None

    @property
    def lengths(self) -> NDArray[np.int64]:
        """How many tokens each row has."""
        return self.ids.lengths

    def row(self, row: int) -> dict[str, NDArray[np.int64]]:
        """Return the ids of a row, and its segments where the encoder knows segments."""
        found = {"input_ids": self.ids[row]}
        return found | ({"token_type_ids": self.segments[row]} if self.segments else {})


def load_rows(folder: Path, split: str) -> Tokens | Texts:
    """Return what `keep_tokens` left of a split."""
    return Texts(folder, split) if texts_file(folder, split).exists() else Tokens(folder, split)


def keep_tokens(
    folder: Path, config: Config[TextSettings], features: Features, tables: dict[str, pl.DataFrame]
) -> None:
    """Tokenize the splits and write tokens, tokenizer and configuration to `folder`.

    Rows are cut at `max_length`; `auto` is what leaves 99 % of them whole, to 512. For TF-IDF the
    texts are kept as they are.

    Args:
        folder: where to write.
        config: of the member that reads them.
        features: the columns that are read.
        tables: for each split the columns of `features` as strings.

    Raises:
        Fault: there is no such tokenizer, or `max_length` is no length for it.
    """
    if config.model["backbone"] == TFIDF:
        keep_texts(folder, config, features, tables)
        return
    everything = [text for table in tables.values() for name in table for text in name]
    tokenizer, backbone = tokenizer_for(
        config.model["backbone"], config.model["weights"], everything
    )
    separator = separator_of(tokenizer)
    pairs = {split: joined(table, features, separator) for split, table in tables.items()}
    whole = {split: _lengths(tokenizer, *pair) for split, pair in pairs.items()}
    lengths = np.concatenate(list(whole.values()))
    limit = min(tokenizer.model_max_length, _positions(backbone))
    cut = cut_at(lengths, config.data.max_length, _LONGEST, limit)
    folder.mkdir()
    for split, pair in pairs.items():
        _write(folder, split, tokenizer, pair, cut, getattr(backbone, "type_vocab_size", 0) > 1)
    too_long = {split: int((n > cut).sum()) for split, n in whole.items()}
    kinds = {name: feature.kind for name, feature in features.items()}
    keep_tokenizer(
        folder, config, tokenizer, backbone, lengths, max_length=cut, cut=too_long, features=kinds
    )


def keep_test_tokens(folder: Path, test: pl.DataFrame, clean: bool) -> None:
    """Tokenize test rows as `keep_tokens` did: of the same columns, by the tokenizer it kept.

    Args:
        folder: where `keep_tokens` wrote.
        test: the test rows.
        clean: whether `keep_tokens` was given cleaned texts.

    Raises:
        Fault: `keep_tokens` wrote nothing there, or a column is missing.
    """
    facts = TokenFacts.load(folder)
    if missing := [name for name in facts.features if name not in test.columns]:
        raise Fault(
            f"The test rows have no column {missing[0]!r}, which the model was trained on.",
            "Put the test table of the competition into data/raw.",
        )
    features = {name: Feature(kind, "as trained") for name, kind in facts.features.items()}
    table = cleaned(test, features, clean)
    if not facts.vocabulary:
        write_texts(folder, "test", features, table)
        return
    tokenizer = AutoTokenizer.from_pretrained(folder)
    backbone = AutoConfig.from_pretrained(folder)
    pair = joined(table, features, separator_of(tokenizer))
    typed = getattr(backbone, "type_vocab_size", 0) > 1
    _write(folder, "test", tokenizer, pair, facts.max_length, typed)


def separator_of(tokenizer: Any) -> str:
    """Return what stands between the columns of a row."""
    return str(tokenizer.sep_token or tokenizer.eos_token or "|")


def _positions(config: Any) -> int:
    """Return the most tokens an encoder takes; some count positions from the padding's on."""
    known = getattr(config, "max_position_embeddings", None)
    offset = (config.pad_token_id or 0) + 1 if "roberta" in config.model_type else 0
    return int(known) - offset if known and known > 0 else 1_000_000


def _pieces(first: list[str], second: list[str] | None) -> Any:
    for start in range(0, len(first), AT_ONCE):
        piece = slice(start, start + AT_ONCE)
        yield (first[piece], second[piece]) if second is not None else (first[piece],)


def _lengths(tokenizer: Any, first: list[str], second: list[str] | None) -> NDArray[np.int64]:
    """Return how many tokens each row has uncut."""
    lengths = []
    for piece in _pieces(first, second):
        lengths += [len(ids) for ids in tokenizer(*piece, verbose=False)["input_ids"]]
    return np.array(lengths, dtype=np.int64)


def _write(
    folder: Path,
    split: str,
    tokenizer: Any,
    pair: tuple[list[str], list[str] | None],
    cut: int,
    segments: bool,
) -> None:
    names = tokenizer.model_input_names
    typed = segments and pair[1] is not None and "token_type_ids" in names
    ids: list[list[int]] = []
    types: list[list[int]] = []
    for piece in _pieces(*pair):
        made = tokenizer(*piece, truncation=True, max_length=cut, return_token_type_ids=typed)
        ids += made["input_ids"]
        types += made["token_type_ids"] if typed else []
    write_rows(folder, f"{split}-ids", ids)
    if typed:
        write_rows(folder, f"{split}-segments", types)
