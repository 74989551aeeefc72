"""Makes plain values of what a card says: a card from an address is not to be trusted."""

import math
import re
import unicodedata
from collections.abc import Mapping
from typing import Any


def plain(value: Any, longest: int = 400) -> str:
    """Return one line of text, without what can't be seen; empty if `value` is no text.

    Args:
        value: what a card says; may be of any type.
        longest: the most characters; a longer text ends with an ellipsis.
    """
    if not isinstance(value, str):
        return ""
    seen = "".join(" " if char.isspace() else char for char in value[: 4 * longest])
    line = " ".join("".join(filter(_is_shown, seen)).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def _is_shown(char: str) -> bool:
    """Return whether a character is no control, does not turn what follows, and is XML's."""
    noncharacter = ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs") and not noncharacter


def plain_lines(value: Any, most: int) -> tuple[str, ...]:
    """Return the texts in a list, at most `most`; empty if `value` is no list."""
    found = map(plain, value if isinstance(value, list) else [])
    return tuple([text for text in found if text][:most])


def finite(value: Any) -> float | None:
    """Return a number, None if `value` is none or is infinite."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def folder_name(value: str) -> str:
    """Return a name as part of an address: small letters, digits and single hyphens."""
    ascii_text = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text.lower())[:60].strip("-") or "project"


def escape_markdown(text: str) -> str:
    """Return plain text as Markdown that shows it."""
    return re.sub(r"([\\`*_\[\]<>|#~&!])", r"\\\1", text)


def mapping(card: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return a mapping in a card, empty if there is none."""
    value = card.get(key)
    return value if isinstance(value, dict) else {}
