"""Texts as they come from files and the web, made alike."""

import html
import re
import unicodedata

_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\u2060\ufeff]")
_SPACE = re.compile(r"\s+")


def tidy(text: str) -> str:
    """One form of each letter (NFC), control characters dropped, and one space for each run of
    white space and line ends."""
    return _SPACE.sub(" ", _CONTROL.sub("", unicodedata.normalize("NFC", text))).strip()


def tidy_web(text: str) -> str:
    """As `tidy`; and HTML's entities are resolved, and links shortened to `http`."""
    return tidy(_LINK.sub("http", html.unescape(text)))
