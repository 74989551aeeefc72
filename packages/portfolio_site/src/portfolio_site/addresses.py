"""Addresses that may stand in the site: https only, and nothing hidden in them."""

from typing import Any
from urllib.parse import urljoin, urlsplit

# What a card links to, in the order in which the site shows it.
LINKS = ("demo", "report", "code", "model_card")
_LONGEST = 2000


def https_address(value: Any, base: str = "") -> str:
    """Return an address as it may be linked, empty if it may not.

    Args:
        value: what a card or a settings file says; may be of any type.
        base: the address that a relative one is relative to; without one it is refused.
    """
    if not isinstance(value, str) or not value or len(value) > _LONGEST:
        return ""
    # A browser drops control characters and turns a backslash into a slash: `java\tscript:` runs.
    if any(ord(char) <= 32 or ord(char) == 127 or char in "\\<>\"'`" for char in value):
        return ""
    try:
        address = urljoin(base, value) if base else value
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return ""
    fine = parts.scheme == "https" and parts.hostname and "@" not in parts.netloc
    return address if fine else ""


def relative_file(value: Any) -> str:
    """Return a path inside a folder as it may be read, empty if it leads elsewhere.

    Args:
        value: what a card says; may be of any type.
    """
    if not isinstance(value, str) or not value or len(value) > _LONGEST:
        return ""
    if not value.isprintable() or any(char in ':\\?#%"<>|*' for char in value):
        return ""
    parts = value.split("/")
    return "" if any(part in ("", ".", "..") for part in parts) else value
