"""Tokens of all sentences: made once for each tokenizer, kept in memory-mapped arrays."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import Fault
from ..files import PROCESSED, digest, note, write_json
from .ragged import Ragged, write_rows
from .seq2seq import BACKBONE, tokenizer_for

_AT_ONCE = 8192
_COVERED = 0.99
_LONGEST = 256
OPTIONS: dict[str, Any] = {
    "source_column": "auto",
    "max_length": "auto",
    "prefix": "",
    "source_language": None,
    "target_language": None,
}


def tokens_folder(backbone: str, weights: str, options: dict[str, Any]) -> Path:
    """Where the tokens lie for this backbone and these `OPTIONS` of the `data` section.

    A run that was kept names the folder itself as its backbone.
    """
    if weights == "none" and Path(backbone).parent == PROCESSED:
        return Path(backbone)
    chosen = [options.get(key, usual) for key, usual in OPTIONS.items()]
    return PROCESSED / f"tokens-{digest([json.dumps([backbone, weights, *chosen])])}"


class Tokens:
    """The tokens of both splits, as `keep_tokens` left them.

    Args:
        folder: where they lie. Raises `Fault` if they do not.
    """

    def __init__(self, folder: Path) -> None:
        if not (folder / "tokens.json").exists():
            raise Fault(
                "The texts were not tokenized for this backbone and these options.",
                "Run `compete prepare` (or `dvc repro`) after a change in params.yaml or members/.",
            )
        self.facts = json.loads((folder / "tokens.json").read_text(encoding="utf-8"))
        self.sources = {split: Ragged(folder, f"{split}-source") for split in ("train", "test")}
        self.targets = Ragged(folder, "train-target")


def keep_tokens(
    folder: Path,
    model: dict[str, Any],
    options: dict[str, Any],
    sources: dict[str, list[str]],
    targets: list[str],
) -> None:
    """Tokenize the splits and write tokens, tokenizer and configuration to `folder`.

    What is longer than `max_length` is cut, and counted; a translation that was cut loses its end
    mark too, so that nobody learns to stop there.

    Args:
        model: the `model` section of params.yaml.
        options: the `data` section.
        sources: the sentences of each split; `targets` are the translations of the training ones.

    Raises:
        Fault: there is no such tokenizer, or `max_length` is no length for it.
    """
    backbone, weights = model.get("backbone", BACKBONE), model.get("weights", "hub")
    chosen = {key: options.get(key, usual) for key, usual in OPTIONS.items()}
    texts = [*sources["train"], *sources["test"], *targets]
    languages = chosen["source_language"], chosen["target_language"]
    tokenizer, config = tokenizer_for(backbone, weights, texts, languages)
    prefixed = {
        split: [chosen["prefix"] + text for text in part] for split, part in sources.items()
    }
    rows = {
        **{f"{split}-source": _encode(tokenizer, part, "text") for split, part in prefixed.items()},
        "train-target": _encode(tokenizer, targets, "text_target"),
    }
    lengths = np.array([len(row) for part in rows.values() for row in part])
    limit = int(min(tokenizer.model_max_length, getattr(config, "max_position_embeddings", 1024)))
    asked = chosen["max_length"]
    usual = -(-int(np.quantile(lengths, _COVERED, method="higher")) // 8) * 8
    cut = min(_LONGEST, usual, limit) if asked == "auto" else asked
    if isinstance(cut, bool) or not isinstance(cut, int) or not 4 <= cut <= limit:
        raise Fault(
            f"`max_length: {asked}` under `data` in params.yaml is no length for this backbone.",
            f"Set it to auto, or to a number from 4 to {limit}.",
        )
    folder.mkdir()
    for name, part in rows.items():
        ends = name.endswith("source")
        write_rows(folder, name, [_shorten(row, cut, keep_end=ends) for row in part])
    tokenizer.save_pretrained(folder)
    config.save_pretrained(folder)
    facts = {
        "backbone": backbone,
        "weights": weights,
        "vocabulary": len(tokenizer),
        "max_length": cut,
        "pad": tokenizer.pad_token_id,
        "tokens_mean": round(float(lengths.mean()), 1),
        "tokens_longest": int(lengths.max()),
        **{f"{name}_cut": sum(len(row) > cut for row in part) for name, part in rows.items()},
    }
    write_json(folder / "tokens.json", facts)
    for key, value in facts.items():
        note(f"  {key:16} {value}")


def _encode(tokenizer: Any, texts: list[str], as_what: str) -> list[list[int]]:
    rows: list[list[int]] = []
    for start in range(0, len(texts), _AT_ONCE):
        rows += tokenizer(**{as_what: texts[start : start + _AT_ONCE]}, verbose=False)["input_ids"]
    return rows


def _shorten(row: list[int], length: int, *, keep_end: bool) -> list[int]:
    if len(row) <= length:
        return row
    return [*row[: length - 1], row[-1]] if keep_end else row[:length]
