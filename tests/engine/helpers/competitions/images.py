"""Makes small competitions of images for the tests."""

from pathlib import Path
from typing import Any

from authors import params_of
from samples import save, stripes, write
from small import settle


def competition(root: Path, rows: int = 60, **sections: dict[str, Any]) -> Path:
    """A project's folder with the images of `stripes`, and params.yaml quick to train by.

    Args:
        sections: what to change in it, section by section.
    """
    usual: dict[str, Any] = {
        "data": {"folds": 3, "batch_size": 8, "image_size": 32, "num_workers": 0},
        "model": {"backbone": "test_efficientnet", "weights": "none"},
    }
    settle(root, params_of("image"), usual, sections)
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
