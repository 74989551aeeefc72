"""Tokens of all rows: made once for each tokenizer, kept in memory-mapped arrays."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .columns import Features, joined
from .encoder import tokenizer_for
from .kept import AT_ONCE, cut_at, keep_facts, read_facts
from .ragged import Ragged, write_rows

_LONGEST = 512
OPTIONS: dict[str, Any] = {
    "max_length": "auto",
    "clean": True,
    "text_columns": "auto",
    "side_columns": "auto",
}


class Tokens:
    """The tokens of one split, as `keep_tokens` left them."""

    def __init__(self, folder: Path, split: str) -> None:
        self.pad: int = read_facts(folder)["pad"]
        self.ids = Ragged(folder, f"{split}-ids")
        segments = (folder / f"{split}-segments.npy").exists()
        self.segments = Ragged(folder, f"{split}-segments") if segments else None

    def row(self, row: int) -> tuple[NDArray[np.int64], NDArray[np.int64] | None]:
        """The ids of a row, and its segments where the encoder knows segments."""
        return self.ids[row], self.segments[row] if self.segments else None


def keep_tokens(
    folder: Path,
    backbone: str,
    weights: str,
    asked: int | str,
    features: Features,
    tables: dict[str, pl.DataFrame],
) -> None:
    """Tokenize the splits and write tokens, tokenizer and configuration to `folder`.

    Args:
        asked: tokens at which a row is cut; `auto`: what leaves 99 % of them whole, to 512.
        tables: for each split the columns of `features` as strings.

    Raises:
        Fault: there is no such tokenizer, or `asked` is no length for it.
    """
    everything = [text for table in tables.values() for name in table for text in name]
    tokenizer, config = tokenizer_for(backbone, weights, everything)
    separator = tokenizer.sep_token or tokenizer.eos_token or "|"
    pairs = {split: joined(table, features, separator) for split, table in tables.items()}
    whole = {split: _lengths(tokenizer, *pair) for split, pair in pairs.items()}
    lengths = np.concatenate(list(whole.values()))
    limit = min(tokenizer.model_max_length, _positions(config))
    cut = cut_at(lengths, asked, _LONGEST, limit)
    folder.mkdir()
    for split, pair in pairs.items():
        _write(folder, split, tokenizer, pair, cut, getattr(config, "type_vocab_size", 0) > 1)
    facts = {
        "backbone": backbone,
        "weights": weights,
        "max_length": cut,
        **{f"{split}_cut": int((n > cut).sum()) for split, n in whole.items()},
    }
    keep_facts(folder, tokenizer, config, lengths, facts)


def _positions(config: Any) -> int:
    """How many tokens the encoder has positions for; some count theirs from the padding's on."""
    known = getattr(config, "max_position_embeddings", None)
    offset = (config.pad_token_id or 0) + 1 if "roberta" in config.model_type else 0
    return int(known) - offset if known and known > 0 else 1_000_000


def _pieces(first: list[str], second: list[str] | None) -> Any:
    for start in range(0, len(first), AT_ONCE):
        piece = slice(start, start + AT_ONCE)
        yield (first[piece], second[piece]) if second is not None else (first[piece],)


def _lengths(tokenizer: Any, first: list[str], second: list[str] | None) -> NDArray[np.int64]:
    """How many tokens each row has uncut."""
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
