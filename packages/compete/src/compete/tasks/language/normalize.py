"""Normalizes texts as they come from files and the web."""

import html
import re
import unicodedata

_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\u2060\ufeff]")
_SPACE = re.compile(r"\s+")


def normalize(text: str) -> str:
    """Return the text with one form of each letter (NFC) and without control characters.

    Each run of white space and line ends becomes one space.
    """
    return _SPACE.sub(" ", _CONTROL.sub("", unicodedata.normalize("NFC", text))).strip()


def normalize_web(text: str) -> str:
    """Normalize a text of the web: also resolve HTML entities and shorten links to `http`."""
    return normalize(_LINK.sub("http", html.unescape(text)))
