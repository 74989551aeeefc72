"""The folder that a tokenizer's work is kept in: its name, its facts, and where rows are cut."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import Fault
from ..files import PROCESSED, digest, note, write_json

AT_ONCE = 8192  # texts that a tokenizer is given at once
_COVERED = 0.99
_FACTS = "tokens.json"


def tokens_folder(backbone: str, weights: str, options: dict[str, Any]) -> Path:
    """Where the tokens lie for this backbone and these options, which decide what they are.

    A run that was kept names the folder itself as its backbone.
    """
    if weights == "none" and Path(backbone).parent == PROCESSED:
        return Path(backbone)
    return PROCESSED / f"tokens-{digest([json.dumps([backbone, weights, *options.values()])])}"


def read_facts(folder: Path) -> dict[str, Any]:
    """What `keep_facts` wrote. Raises `Fault` if `prepare` made no such tokens."""
    if not (folder / _FACTS).exists():
        raise Fault(
            "The texts were not tokenized for this backbone and these options.",
            "Run `compete prepare` (or `dvc repro`) after a change in params.yaml or members/.",
        )
    facts: dict[str, Any] = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
    return facts


def cut_at(lengths: NDArray[np.int64], asked: int | str, usual: int, limit: int) -> int:
    """The tokens at which a row is cut.

    Args:
        lengths: of all rows, uncut.
        asked: `max_length` of params.yaml; `auto`: what leaves 99 % whole, to `usual`.
        limit: what the backbone can take.

    Raises:
        Fault: `asked` is no length for this backbone.
    """
    if asked == "auto":
        covered = int(np.quantile(lengths, _COVERED, method="higher"))
        return min(usual, -(-covered // 8) * 8, limit)
    if isinstance(asked, bool) or not isinstance(asked, int) or not 4 <= asked <= limit:
        raise Fault(
            f"`max_length: {asked}` under `data` in params.yaml is no length for this backbone.",
            f"Set it to auto, or to a number from 4 to {limit}.",
        )
    return asked


def keep_facts(
    folder: Path, tokenizer: Any, config: Any, lengths: NDArray[np.int64], facts: dict[str, Any]
) -> None:
    """Write tokenizer, configuration and facts to `folder`, and tell the facts.

    Args:
        lengths: of all rows, uncut.
        facts: what the task knows besides, such as `max_length`.
    """
    tokenizer.save_pretrained(folder)
    config.save_pretrained(folder)
    facts |= {
        "vocabulary": len(tokenizer),
        "pad": tokenizer.pad_token_id,
        "tokens_mean": round(float(lengths.mean()), 1),
        "tokens_95_percent": int(np.quantile(lengths, 0.95)),
        "tokens_longest": int(lengths.max()),
    }
    write_json(folder / _FACTS, facts)
    for key, value in facts.items():
        note(f"  {key:16} {value}")
