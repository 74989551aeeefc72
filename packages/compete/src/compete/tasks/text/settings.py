"""The keys of `data` that competitions on texts have besides those of every task."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from compete.tasks.language.settings import TokenSettings


@dataclass(frozen=True, kw_only=True)
class TextSettings(TokenSettings):
    """The section `data` of params.yaml.

    Args:
        text_columns: the text columns; `auto` infers them.
        side_columns: columns to put in front of the text, such as a keyword; `auto` infers them.
        clean: unescape HTML entities, shorten links, remove control characters and extra spaces.
    """

    task: ClassVar[str] = "compete.tasks.text"
    token_keys: ClassVar[tuple[str, ...]] = (
        *TokenSettings.token_keys,
        "clean",
        "text_columns",
        "side_columns",
    )

    text_columns: list[str] | Literal["auto"] = "auto"
    side_columns: list[str] | Literal["auto"] = "auto"
    clean: bool = True
