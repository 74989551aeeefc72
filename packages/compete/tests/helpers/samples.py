"""Makes single samples, and a contract, for tests."""

import io
import random
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from compete.contract import Contract

SIDE = 16
WORDS = {
    "calm": "tea garden quiet morning light slow river walk reading bread",
    "fire": "smoke flames alarm burning heat ash engine ladder siren escape",
    "flood": "water rain river dam boats rising mud bridge soaked rescue",
}


def make_contract(**changes: Any) -> Contract:
    """Make a contract of two classes scored by accuracy; keywords change its values."""
    values: dict[str, Any] = {
        "slug": "some-competition",
        "title": "Some competition",
        "problem": "classification",
        "metric": "accuracy",
        "id_column": "id",
        "target_columns": ["y"],
        "classes": ["a", "b"],
        "submission_columns": ["id", "y"],
        "prediction": "label",
        "rows": 4,
        "sample_submission": "sample.csv",
    }
    return Contract(**values | changes)


def write(path: Path, content: str | bytes) -> Path:
    """Write a text, its line ends as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def grey(value: int, mode: str = "L", size: tuple[int, int] = (SIDE, SIDE)) -> Image.Image:
    """An image of one shade."""
    return Image.new("L", size, value).convert(mode)


def save(path: Path, image: Image.Image | int, **options: Any) -> Path:
    """Write an image, or one of the shade that a number names; its suffix says how."""
    path.parent.mkdir(parents=True, exist_ok=True)
    (image if isinstance(image, Image.Image) else grey(image)).save(path, **options)
    return path


def bomb() -> bytes:
    """A PNG of a few bytes that claims to be 60,000 pixels a side."""
    buffer = io.BytesIO()
    grey(0).save(buffer, "PNG")
    content = bytearray(buffer.getvalue())
    content[16:24] = struct.pack(">II", 60_000, 60_000)
    content[29:33] = struct.pack(">I", zlib.crc32(bytes(content[12:29])))
    return bytes(content)


def stripes(kind: int, seed: int) -> Image.Image:
    """A noisy image of one of three kinds: stripes across, stripes down, or a spot."""
    random = np.random.default_rng([kind, seed])
    y, x = np.mgrid[:SIDE, :SIDE]
    shape = [np.sin(x * 1.5), np.sin(y * 1.5), np.cos((x - 8) / 3) * np.cos((y - 8) / 3)][kind]
    values = 128 + 80 * shape + random.normal(0, 10, shape.shape)
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def sentence(kind: str, seed: int, words: int = 0) -> str:
    """Words of one kind, some 4 to 12 of them."""
    chance = random.Random(f"{kind} {seed}")
    return (
        " ".join(chance.choices(WORDS[kind].split(), k=words or chance.randint(4, 12))) + f" {seed}"
    )
