"""Tokens of all sentences: made once for each tokenizer, kept in memory-mapped arrays."""

from pathlib import Path
from typing import Any

import numpy as np
from transformers import AutoTokenizer

from compete.tasks.language.ragged import Ragged, write_rows
from compete.tasks.language.token_cache import AT_ONCE, TokenFacts, cut_at, keep_tokenizer
from compete.tasks.translation.seq2seq import keep_generation, tokenizer_for
from compete.tasks.translation.settings import TranslationSettings
from compete.tasks.translation.translation_memory import is_used, keep_similar
from compete.training.config import Config

_LONGEST = 256


class Tokens:
    """The tokens of both splits, as `keep_tokens` left them.

    Args:
        folder: where they lie.
    """

    def __init__(self, folder: Path) -> None:
        self.sources = {split: Ragged(folder, f"{split}-source") for split in ("train", "test")}
        self.targets = Ragged(folder, "train-target")


def keep_tokens(
    folder: Path,
    config: Config[TranslationSettings],
    sources: dict[str, list[str]],
    targets: list[str],
) -> None:
    """Tokenize the splits and write tokens, tokenizer and configuration to `folder`.

    What is longer than `max_length` is cut, and counted; a translation that was cut loses its end
    mark too, so that the model does not learn to stop there.

    Args:
        folder: where to write.
        config: of the member that reads them.
        sources: the sentences of each split; `targets` are the translations of the training ones.
        targets: the translations of the training sentences.

    Raises:
        Fault: there is no such tokenizer, or `max_length` is no length for it.
    """
    settings, weights = config.data, config.model["weights"]
    texts = [*sources["train"], *sources["test"], *targets]
    languages = settings.source_language, settings.target_language
    tokenizer, backbone = tokenizer_for(config.model["backbone"], weights, texts, languages)
    prefixed = {split: [settings.prefix + text for text in part] for split, part in sources.items()}
    rows = {
        **{f"{split}-source": _encode(tokenizer, part, "text") for split, part in prefixed.items()},
        "train-target": _encode(tokenizer, targets, "text_target"),
    }
    lengths = np.array([len(row) for part in rows.values() for row in part])
    limit = int(min(tokenizer.model_max_length, getattr(backbone, "max_position_embeddings", 1024)))
    memory = is_used(settings.translation_memory, weights, len(targets))
    # A sentence and the translation that it is shown with must both fit.
    cut = cut_at(lengths, settings.max_length, _LONGEST, limit // 2 if memory else limit)
    folder.mkdir()
    if memory:
        keep_similar(folder, sources)
    for name, part in rows.items():
        ends = name.endswith("source")
        write_rows(folder, name, [_shorten(row, cut, keep_end=ends) for row in part])
    too_long = {name: sum(len(row) > cut for row in part) for name, part in rows.items()}
    keep_generation(folder, config.model["backbone"], weights, tokenizer, settings.target_language)
    keep_tokenizer(
        folder,
        config,
        tokenizer,
        backbone,
        lengths,
        max_length=cut,
        cut=too_long,
        translation_memory=memory,
    )


def keep_test_tokens(folder: Path, prefix: str, sources: dict[str, list[str]]) -> None:
    """Tokenize test sentences as `keep_tokens` did, by the tokenizer that it kept in `folder`.

    Args:
        folder: where `keep_tokens` wrote.
        prefix: what stands before each sentence.
        sources: the sentences of each split; those of `train` are what is remembered.

    Raises:
        Fault: `keep_tokens` wrote nothing there.
    """
    facts = TokenFacts.load(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    rows = _encode(tokenizer, [prefix + text for text in sources["test"]], "text")
    if facts.translation_memory:
        keep_similar(folder, sources, ("test",))
    write_rows(folder, "test-source", [_shorten(r, facts.max_length, keep_end=True) for r in rows])


def _encode(tokenizer: Any, texts: list[str], as_what: str) -> list[list[int]]:
    rows: list[list[int]] = []
    for start in range(0, len(texts), AT_ONCE):
        rows += tokenizer(**{as_what: texts[start : start + AT_ONCE]}, verbose=False)["input_ids"]
    return rows


def _shorten(row: list[int], length: int, *, keep_end: bool) -> list[int]:
    if len(row) <= length:
        return row
    return [*row[: length - 1], row[-1]] if keep_end else row[:length]
