"""Makes small competitions of pictures for the tests."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from small import settle, write

SIDE = 16


def grey(value: int, mode: str = "L", size: tuple[int, int] = (SIDE, SIDE)) -> Image.Image:
    """A picture of one shade."""
    return Image.new("L", size, value).convert(mode)


def save(path: Path, picture: Image.Image | int, **options: Any) -> Path:
    """Write a picture, or one of the shade that a number names; its suffix says how."""
    path.parent.mkdir(parents=True, exist_ok=True)
    (picture if isinstance(picture, Image.Image) else grey(picture)).save(path, **options)
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
    """A noisy picture of one of three kinds: stripes across, stripes down, or a spot."""
    random = np.random.default_rng([kind, seed])
    y, x = np.mgrid[:SIDE, :SIDE]
    shape = [np.sin(x * 1.5), np.sin(y * 1.5), np.cos((x - 8) / 3) * np.cos((y - 8) / 3)][kind]
    values = 128 + 80 * shape + random.normal(0, 10, shape.shape)
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def competition(root: Path, params: Path, rows: int = 60, **sections: dict[str, Any]) -> Path:
    """A project's folder with the pictures of `stripes`, and params.yaml quick to train by.

    Args:
        params: the params.yaml to start from.
        sections: what to change in it, section by section.
    """
    usual: dict[str, Any] = {
        "data": {"folds": 3, "batch_size": 8, "image_size": 32, "num_workers": 0},
        "model": {"backbone": "test_efficientnet", "weights": "none"},
    }
    settle(root, params, usual, sections)
    labels = ["id,label"]
    for row in range(rows):
        save(root / "data/raw/train" / f"{row}.png", stripes(row % 3, row))
        labels.append(f"{row},{'abc'[row % 3]}")
    write(root / "data/raw/train.csv", "\n".join([*labels, ""]))
    for row in range(6):
        save(root / "data/raw/test" / f"{row}.png", stripes(row % 3, 1000 + row))
    sample = ["id,label", *(f"{row},a" for row in range(6)), ""]
    write(root / "data/raw/sample_submission.csv", "\n".join(sample))
    return root
