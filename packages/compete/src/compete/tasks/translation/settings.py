"""The keys of `data` that translation competitions have besides those of every task."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from compete.tasks.language.settings import TokenSettings


@dataclass(frozen=True, kw_only=True)
class TranslationSettings(TokenSettings):
    """The section `data` of params.yaml.

    Args:
        source_column: the column to translate; `auto` infers it.
        prefix: text in front of each sentence, such as T5's "translate English to French: ".
        source_language: source language code of a multilingual tokenizer, such as en_XX; else null.
        target_language: target language code of a multilingual tokenizer, such as fr_XX; else null.
        translation_memory: append the translation of the most similar training sentence to the
            input; `auto`: if training from scratch with at most 50,000 pairs.
    """

    task: ClassVar[str] = "compete.tasks.translation"
    problems: ClassVar[tuple[str, ...]] = ("translation",)
    token_keys: ClassVar[tuple[str, ...]] = (
        *TokenSettings.token_keys,
        "source_column",
        "prefix",
        "source_language",
        "target_language",
        "translation_memory",
    )

    source_column: str = "auto"
    prefix: str = ""
    source_language: str | None = None
    target_language: str | None = None
    translation_memory: bool | Literal["auto"] = "auto"
