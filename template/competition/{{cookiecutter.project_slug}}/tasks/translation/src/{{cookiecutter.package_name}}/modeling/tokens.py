"""Tokens of all sentences: made once for each tokenizer, kept in memory-mapped arrays."""

from pathlib import Path
from typing import Any

import numpy as np

from .kept import AT_ONCE, cut_at, keep_facts, read_facts
from .memory import is_used, keep_similar
from .ragged import Ragged, write_rows
from .seq2seq import tokenizer_for

_LONGEST = 256
OPTIONS: dict[str, Any] = {
    "source_column": "auto",
    "max_length": "auto",
    "prefix": "",
    "source_language": None,
    "target_language": None,
    "translation_memory": "auto",
}


class Tokens:
    """The tokens of both splits, as `keep_tokens` left them.

    Args:
        folder: where they lie. Raises `Fault` if they do not.
    """

    def __init__(self, folder: Path) -> None:
        self.facts = read_facts(folder)
        self.sources = {split: Ragged(folder, f"{split}-source") for split in ("train", "test")}
        self.targets = Ragged(folder, "train-target")


def keep_tokens(
    folder: Path,
    backbone: str,
    weights: str,
    options: dict[str, Any],
    sources: dict[str, list[str]],
    targets: list[str],
) -> None:
    """Tokenize the splits and write tokens, tokenizer and configuration to `folder`.

    What is longer than `max_length` is cut, and counted; a translation that was cut loses its end
    mark too, so that nobody learns to stop there.

    Args:
        options: what of the `data` section decides the tokens: `OPTIONS`.
        sources: the sentences of each split; `targets` are the translations of the training ones.

    Raises:
        Fault: there is no such tokenizer, or `max_length` is no length for it.
    """
    texts = [*sources["train"], *sources["test"], *targets]
    languages = options["source_language"], options["target_language"]
    tokenizer, config = tokenizer_for(backbone, weights, texts, languages)
    prefixed = {
        split: [options["prefix"] + text for text in part] for split, part in sources.items()
    }
    rows = {
        **{f"{split}-source": _encode(tokenizer, part, "text") for split, part in prefixed.items()},
        "train-target": _encode(tokenizer, targets, "text_target"),
    }
    lengths = np.array([len(row) for part in rows.values() for row in part])
    limit = int(min(tokenizer.model_max_length, getattr(config, "max_position_embeddings", 1024)))
    memory = is_used(options["translation_memory"], weights, len(targets))
    # A sentence and the translation that it is shown with must both find place.
    cut = cut_at(lengths, options["max_length"], _LONGEST, limit // 2 if memory else limit)
    folder.mkdir()
    if memory:
        keep_similar(folder, sources)
    for name, part in rows.items():
        ends = name.endswith("source")
        write_rows(folder, name, [_shorten(row, cut, keep_end=ends) for row in part])
    facts = {
        "backbone": backbone,
        "weights": weights,
        "max_length": cut,
        "translation_memory": memory,
        **{f"{name}_cut": sum(len(row) > cut for row in part) for name, part in rows.items()},
    }
    keep_facts(folder, tokenizer, config, lengths, facts)


def _encode(tokenizer: Any, texts: list[str], as_what: str) -> list[list[int]]:
    rows: list[list[int]] = []
    for start in range(0, len(texts), AT_ONCE):
        rows += tokenizer(**{as_what: texts[start : start + AT_ONCE]}, verbose=False)["input_ids"]
    return rows


def _shorten(row: list[int], length: int, *, keep_end: bool) -> list[int]:
    if len(row) <= length:
        return row
    return [*row[: length - 1], row[-1]] if keep_end else row[:length]
