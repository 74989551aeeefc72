"""Recognises the data's pictures in other files. A task of pictures brings this file in its own."""

from collections.abc import Sequence


def thumbnail(content: bytes) -> bytes | None:
    """What a file's picture is recognised by; nothing for a file that is none."""
    return None


def known(thumbnails: Sequence[bytes]) -> list[bool]:
    """For each thumbnail whether it is one of the data's."""
    return [False] * len(thumbnails)
