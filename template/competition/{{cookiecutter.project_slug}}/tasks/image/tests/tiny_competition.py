"""A small synthetic competition: noisy grayscale images of stripes in two directions, or a spot."""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

SIDE, CLASSES = 16, "abc"
SETTINGS: dict[str, Any] = {
    "data": {"folds": 2, "batch_size": 8, "image_size": 32, "num_workers": 0},
    "model": {"backbone": "test_efficientnet", "weights": "none"},
}


def write_files(raw: Path) -> None:
    """Write 36 training images, 6 test images and both tables."""
    for split, count in (("train", 36), ("test", 6)):
        (raw / split).mkdir(parents=True)
        for row in range(count):
            _image(row % 3, seed=row + 100 * (split == "test")).save(raw / split / f"{row}.png")
    labels = [f"{row},{CLASSES[row % 3]}" for row in range(36)]
    (raw / "train.csv").write_text("\n".join(["id,label", *labels]), encoding="utf-8")
    sample = "\n".join(["id,label", *(f"{row},a" for row in range(6))])
    (raw / "sample_submission.csv").write_text(sample, encoding="utf-8")


def _image(kind: int, seed: int) -> Image.Image:
    y, x = np.mgrid[:SIDE, :SIDE]
    shape = [np.sin(x * 1.5), np.sin(y * 1.5), np.cos((x - 8) / 3) * np.cos((y - 8) / 3)][kind]
    noise = np.random.default_rng(seed).normal(0, 10, shape.shape)
    return Image.fromarray((128 + 80 * shape + noise).clip(0, 255).astype(np.uint8))
