"""What the report shows of images."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from PIL import Image
from torch import Tensor

from compete.contract import Contract
from compete.files import FOLD, IMAGE
from compete.records import PREPARED, Prepared
from compete.tasks.image.decode import STORED, StoredImages
from compete.tasks.image.explain import _occlusion, explain, inputs

SIDE = 32


class LooksAtTheCorner:
    """A model for which only the upper left corner counts."""

    def predict_batch(self, images: Tensor) -> Tensor:
        bright = images[:, :, : SIDE // 4, : SIDE // 4].mean(dim=(1, 2, 3)) / 255
        return torch.stack([1 - bright, bright], dim=1)


@pytest.fixture
def prepared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> np.ndarray[Any, Any]:
    """Three images as `prepare` keeps them, with a model trained on none of them."""
    monkeypatch.chdir(tmp_path)
    folder = Path("data/processed")
    folder.mkdir(parents=True)
    images = np.random.default_rng(0).integers(0, 255, (3, SIDE, SIDE, 1)).astype(np.uint8)
    np.save(folder / "train.npy", images)
    table = pl.DataFrame({"y": ["a", "b", "a"], IMAGE: [None] * 3, FOLD: [0, 1, 0]})
    table.write_parquet(folder / "train.parquet")
    Prepared("stratified", folds=2, digest="d", rows=3, test_rows=0).write(PREPARED)
    StoredImages(SIDE, channels=1, size=SIDE, image_size=SIDE, cached=True).write(STORED)
    Path("members").mkdir()
    Path("members/base.yaml").write_text("{}\n", encoding="utf-8")
    return images


def test_the_images_shown_are_those_of_the_rows(
    contract: Callable[..., Contract], prepared: np.ndarray[Any, Any]
) -> None:
    shown = inputs(contract(), [2, 0])
    for row, file in zip((2, 0), shown, strict=True):
        assert isinstance(file, bytes)
        image = Image.open(io.BytesIO(file))
        assert image.format == "WEBP"
        there = np.asarray(image.convert("L"), dtype=float)
        assert np.corrcoef(there.ravel(), prepared[row].ravel())[0, 1] > 0.9


def test_occlusion_finds_the_part_that_counts() -> None:
    image = np.zeros((SIDE, SIDE, 1), dtype=np.uint8)
    image[: SIDE // 4, : SIDE // 4] = 255
    heat, output = _occlusion(LooksAtTheCorner(), image)
    assert output == 1
    assert heat.shape == (SIDE, SIDE)
    assert max(np.unravel_index(heat.argmax(), heat.shape)) < SIDE // 4
    assert np.abs(heat[SIDE // 2 :, SIDE // 2 :]).max() == pytest.approx(0, abs=1e-6)


def test_where_nothing_is_trained_nothing_is_explained(
    contract: Callable[..., Contract], prepared: np.ndarray[Any, Any]
) -> None:
    assert explain(contract(), [0, 1]) == []
