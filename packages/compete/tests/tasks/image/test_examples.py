"""Example digits look as people write them: what learned from real digits recognizes them."""

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from samples import make_contract
from sklearn.datasets import load_digits
from sklearn.svm import SVC

from compete.files import PROCESSED
from compete.tasks.image.decode import StoredImages
from compete.tasks.image.examples import examples
from compete.tasks.image.export import _ink

NATIVE, SIZE = 28, 48
CLASSES = [*"0123456789"]


def scaled(image: Image.Image, size: int) -> np.ndarray:
    return np.asarray(image.resize((size, size), Image.Resampling.BICUBIC))


@pytest.mark.parametrize("inverted", [False, True])
def test_digits_are_recognized_by_what_learned_from_real_ones(
    inverted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    real = load_digits()
    small = [Image.fromarray((one * 15.9).astype(np.uint8)) for one in real.images[:600]]
    labels = real.target[:600]
    images = np.stack([scaled(Image.fromarray(scaled(one, NATIVE)), SIZE) for one in small])
    stored_images = 255 - images if inverted else images
    PROCESSED.mkdir(parents=True)
    np.save(PROCESSED / "train.npy", stored_images[..., None])
    stored = StoredImages(NATIVE, 1, SIZE, 40, True, 0)
    ink = _ink(stored)
    assert ink
    assert ink["background"] == (255 if inverted else 0)

    def typical(number: int) -> np.ndarray:
        return images[labels == number].mean(axis=0, dtype=np.float32)

    made = examples(make_contract(classes=CLASSES), stored, ink, typical)
    assert [one["name"] for one in made] == CLASSES
    pixels = []
    for one in made:
        content = base64.b64decode(one["image"].removeprefix("data:image/png;base64,"))
        image = Image.open(io.BytesIO(content))
        assert image.size == (NATIVE, NATIVE)
        pixels.append(scaled(image, SIZE))
    known = SVC().fit(stored_images.reshape(600, -1), labels)
    assert known.predict(np.reshape(pixels, (10, -1))).tolist() == [*range(10)]


def test_letters_are_drawn_in_a_font(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ink = {"background": 0, "ink": 255, "side": 0.7, "stroke": 0.1, "blur": 0.02, "centre": "box"}
    stored = StoredImages(NATIVE, 1, SIZE, 40, True, 0)
    made = examples(make_contract(classes=["A", "B"]), stored, ink, lambda number: np.zeros((1, 1)))
    assert [one["name"] for one in made] == ["A", "B"]
