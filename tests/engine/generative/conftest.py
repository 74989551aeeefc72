"""A project of the task `generative` whose images are prepared, with the template's author."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from authors import params_of
from samples import write
from small import read_params

from compete.generative_records import IMAGES, SOURCES

Settle = Callable[..., Path]
SMALL: dict[str, dict[str, Any]] = {
    "data": {"batch_size": 8, "x_flip": True},
    "model": {
        "network": {"width": 4, "max_width": 8, "latent": 8, "group_width": 4},
        # All that a resumed training must know: each happens within a few batches.
        "augment": {"p": 0.5, "speed_kimg": 1, "interval": 2},
        "loss": {"path_length": 2, "path_interval": 2, "style_mixing": 0.9, "r1_interval": 3},
    },
    "trainer": {"total_kimg": 0.128, "checkpoint_kimg": 0.024, "snapshots": 1}
    | {"accelerator": "cpu", "devices": 1, "logger": False},
}


def shapes(count: int, channels: int, seed: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Grey or coloured rectangles of chance, uint8 `(count, channels, 32, 32)`."""
    chance = np.random.default_rng(seed)
    images = np.zeros((count, channels, 32, 32), np.uint8)
    for image in images:
        top, left, height, width = chance.integers(4, 14, 4)
        colour = chance.integers(100, 256, channels)[:, None, None]
        image[:, top : top + height, left : left + width] = colour
    return images


@pytest.fixture
def settle(
    edit_author: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settle:
    """`settle("one", model={...})` makes a project in a folder of that name and works in it.

    `author=("model.py", old, new)` edits a file of the author; `channels` are those of the images.
    """
    installed: list[Path] = []

    def make(
        name: str = "project", author: tuple[str, ...] = (), channels: int = 1, **sections: Any
    ) -> Path:
        if not installed:
            installed.append(edit_author("generative", *author))
        values = read_params(params_of("generative"))
        for changes in (SMALL, sections):
            for key, section in changes.items():
                for inner, value in section.items():
                    both = isinstance(value, dict)
                    values[key][inner] = values[key].get(inner, {}) | value if both else value
        root = tmp_path / name
        write(root / "params.yaml", yaml.safe_dump(values))
        write(root / "members/base.yaml", "{}\n")
        (root / IMAGES).parent.mkdir(parents=True)
        np.save(root / IMAGES, shapes(20, channels, 0))
        np.save(root / SOURCES, shapes(12, channels, 1))
        monkeypatch.chdir(root)
        return root

    return make
