"""What the report shows of pictures."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from conftest import Package
from PIL import Image
from torch import Tensor

SIDE = 32


class LooksAtTheCorner:
    """A model for which only the upper left corner counts."""

    def predict_batch(self, pictures: Tensor) -> Tensor:
        bright = pictures[:, :, : SIDE // 4, : SIDE // 4].mean(dim=(1, 2, 3)) / 255
        return torch.stack([1 - bright, bright], dim=1)


@pytest.fixture
def prepared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> np.ndarray[Any, Any]:
    """Three pictures as `prepare` keeps them, with a model trained on none of them."""
    monkeypatch.chdir(tmp_path)
    folder = Path("data/processed")
    folder.mkdir(parents=True)
    pictures = np.random.default_rng(0).integers(0, 255, (3, SIDE, SIDE, 1)).astype(np.uint8)
    np.save(folder / "train.npy", pictures)
    table = pl.DataFrame({"y": ["a", "b", "a"], "path": [None] * 3, "fold": [0, 1, 0]})
    table.write_parquet(folder / "train.parquet")
    facts = {"size": SIDE, "channels": 1, "digest": "d", "folds": 2}
    (folder / "prepared.json").write_text(json.dumps(facts), encoding="utf-8")
    Path("members").mkdir()
    Path("members/base.yaml").write_text("{}\n", encoding="utf-8")
    return pictures


def test_the_pictures_shown_are_those_of_the_rows(
    package: Package, contract: Callable[..., Any], prepared: np.ndarray[Any, Any]
) -> None:
    shown = package("modeling.exhibits").inputs(contract(), [2, 0])
    for row, file in zip((2, 0), shown, strict=True):
        image = Image.open(io.BytesIO(file))
        assert image.format == "WEBP"
        there = np.asarray(image.convert("L"), dtype=float)
        assert np.corrcoef(there.ravel(), prepared[row].ravel())[0, 1] > 0.9


def test_occlusion_finds_the_part_that_counts(package: Package) -> None:
    picture = np.zeros((SIDE, SIDE, 1), dtype=np.uint8)
    picture[: SIDE // 4, : SIDE // 4] = 255
    heat, answer = package("modeling.exhibits")._occlusion(LooksAtTheCorner(), picture)
    assert answer == 1
    assert heat.shape == (SIDE, SIDE)
    assert np.unravel_index(heat.argmax(), heat.shape) < (SIDE // 4, SIDE // 4)
    assert np.abs(heat[SIDE // 2 :, SIDE // 2 :]).max() == pytest.approx(0, abs=1e-6)


def test_where_nothing_is_trained_nothing_is_explained(
    package: Package, contract: Callable[..., Any], prepared: np.ndarray[Any, Any]
) -> None:
    assert package("modeling.exhibits").explain(contract(), [0, 1]) == []
