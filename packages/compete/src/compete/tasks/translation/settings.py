"""The keys of `data` that translation competitions have besides those of every task."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from compete.tasks.language.settings import TokenSettings


@dataclass(frozen=True, kw_only=True)
class TranslationSettings(TokenSettings):
    """The section `data` of params.yaml.

    Args:
        source_column: the column to translate; `auto` finds it in the files.
        prefix: what to say in front of each sentence, such as T5's "translate English to French: ".
        source_language: as a tokenizer of many languages names it, such as en_XX; else null.
        target_language: the same of the language to translate to, such as fr_XX.
        translation_memory: show the translator how the most similar training sentence was
            translated; `auto`: from scratch, with at most 50,000 pairs.
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
