"""Fixtures for a short training of small networks on synthetic images."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from compete.files import read_yaml

# Before torch is imported: the models of these tests are so small that threads only wait.
os.environ.setdefault("OMP_NUM_THREADS", "1")

ROOT = Path(__file__).parents[1]
SMALL: dict[str, dict[str, Any]] = {
    "data": {
        "images": "auto",
        "source_images": None,
        "image_size": 32,
        "batch_size": 4,
        "submission_min": 4,
        "submission_max": 12,
        "submission_size": "auto",
        "submission_mode": "auto",
        "submission_format": "auto",
        "submission_count": "auto",
        "extractor": "test_efficientnet",
        "extractor_weights": "none",
    },
    "trainer": {"total_kimg": 0.016, "checkpoint_kimg": 0.008, "snapshots": 1}
    | {"accelerator": "cpu", "devices": 1, "precision": "32-true", "logger": False},
}
NETWORK = {"width": 4, "max_width": 8, "latent": 8}
SOURCES = 6  # images to translate


def draw_images(folder: Path, count: int = 10) -> None:
    """Write color images that differ from each other."""
    from PIL import Image

    folder.mkdir(parents=True)
    generator = np.random.default_rng(0)
    for number in range(count):
        pixels = generator.integers(0, 256, (4, 4, 3), dtype=np.uint8)
        image = Image.fromarray(pixels).resize((32, 32), Image.Resampling.BICUBIC)
        image.save(folder / f"{number}.png")


@pytest.fixture
def within(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Change into a prepared folder with the project's params.yaml for small networks."""
    from compete.project import author
    from compete.tasks.generative.prepare import prepare

    translates = author("model", "Model").translates
    params = read_yaml(ROOT / "params.yaml")
    for section, values in SMALL.items():
        params[section] |= values
    if translates:
        params["data"] |= {"images": "images", "source_images": "sources"}
    params["model"].setdefault("network", {}).update(NETWORK)
    (tmp_path / "params.yaml").write_text(json.dumps(params), encoding="utf-8")
    (tmp_path / "members").mkdir()
    (tmp_path / "members" / "base.yaml").write_text("{}\n", encoding="utf-8")
    draw_images(tmp_path / "data/raw/images")
    if translates:
        draw_images(tmp_path / "data/raw/sources", SOURCES)
    monkeypatch.chdir(tmp_path)
    prepare()
    return tmp_path


@pytest.fixture
def fit(within: Path) -> Callable[..., Any]:
    """Return a function that trains the networks and returns the generator's weights.

    Its arguments override settings: `fit("--model.lr", "0.001")`.
    """
    from compete.tasks.generative.train import train
    from safetensors.torch import load_file

    def run(*overrides: str) -> Any:
        train(None, None, list(overrides))
        return load_file("runs/base/generator.safetensors")

    return run
