"""The folder that a tokenizer's work is kept in: its name, its facts, and where rows are cut."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compete.errors import Fault
from compete.files import digest, file_digest, note
from compete.records import Record
from compete.training.config import Config

AT_ONCE = 8192  # texts that a tokenizer is given at once
_COVERED = 0.99
_FACTS = "tokens.json"


@dataclass(frozen=True)
class TokenFacts(Record):
    """What is known of the tokens in a folder; lengths are of rows before they were cut.

    Without a vocabulary there is no tokenizer: texts are read as they are, lengths are in words.
    `features` are the columns that were read, each with its kind, in their order.
    """

    backbone: str
    weights: str
    max_length: int
    vocabulary: int
    tokens_mean: float
    tokens_95_percent: int
    tokens_longest: int
    cut: dict[str, int]
    digest: str
    translation_memory: bool = False
    features: dict[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path) -> "TokenFacts":
        """Read the facts. Raise `Fault` if `prepare` made no such tokens."""
        found = cls.read(folder / _FACTS)
        if found is None:
            raise Fault(
                "The texts were not tokenized for this backbone and these options.",
                "Run `compete prepare` (or `dvc repro`) after a change in params.yaml or members/.",
            )
        return found


def cut_at(lengths: NDArray[np.int64], asked: int | str, usual: int, limit: int) -> int:
    """Return the tokens at which a row is cut.

    Args:
        lengths: of all rows, uncut.
        asked: `max_length` of params.yaml; `auto`: what leaves 99 % whole, to `usual`.
        usual: the most that `auto` gives.
        limit: what the backbone can take.

    Raises:
        Fault: `asked` is no length for this backbone.
    """
    if asked == "auto":
        covered = int(np.quantile(lengths, _COVERED, method="higher"))
        return min(usual, -(-covered // 8) * 8, limit)
    if not isinstance(asked, int) or not 4 <= asked <= limit:
        raise Fault(
            f"`max_length: {asked}` under `data` in params.yaml is no length for this backbone.",
            f"Set it to auto, or to a number from 4 to {limit}.",
        )
    return asked


def keep_tokenizer(
    folder: Path,
    config: Config[Any],
    tokenizer: Any,
    backbone: Any,
    lengths: NDArray[np.int64],
    **facts: Any,
) -> None:
    """Write tokenizer, the backbone's configuration and facts to `folder`; print some.

    Args:
        folder: where to write.
        config: of the member that reads the tokens.
        tokenizer: its tokenizer.
        backbone: its configuration.
        lengths: of all rows, uncut.
        facts: what the task knows besides, such as `max_length`.
    """
    tokenizer.save_pretrained(folder)
    backbone.save_pretrained(folder)
    content = digest(file_digest(file) for file in sorted(folder.glob("*.npy")))
    keep_facts(folder, config, lengths, vocabulary=len(tokenizer), digest=content, **facts)


def keep_facts(folder: Path, config: Config[Any], lengths: NDArray[np.int64], **facts: Any) -> None:
    """Write facts to `folder`, and print those about the lengths of rows.

    Args:
        folder: where to write.
        config: of the member that reads what is kept there.
        lengths: of all rows, uncut.
        facts: the other fields of `TokenFacts`.
    """
    made = TokenFacts(
        backbone=config.model["backbone"],
        weights=config.model["weights"],
        tokens_mean=round(float(lengths.mean()), 1),
        tokens_95_percent=int(np.quantile(lengths, 0.95)),
        tokens_longest=int(lengths.max()),
        **facts,
    )
    made.write(folder / _FACTS)
    unit = "tokens" if made.vocabulary else "words"
    note(
        f"  {made.backbone}: {made.tokens_mean} {unit} in a row on average, "
        f"at most {made.tokens_95_percent} in 95% of them, {made.tokens_longest} in the longest."
    )
    if cut := ", ".join(f"{rows} of {split}" for split, rows in made.cut.items() if rows):
        note(f"  Longer rows are cut at {made.max_length} tokens: {cut}.")
