"""Copies are found whatever was done to their files, and nothing else is taken for one."""

import io

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.datasets import load_digits

from compete.tasks.generative.copies import find_nearest
from compete.tasks.generative.distances import frechet, measure


def digits() -> np.ndarray:
    """Real handwriting, (1797, 1, 32, 32)."""
    small = (load_digits().images * 255 / 16).astype(np.uint8)
    large = [Image.fromarray(one).resize((32, 32), Image.Resampling.BICUBIC) for one in small]
    return np.stack([np.asarray(image)[None] for image in large])


def test_a_copy_is_named_though_it_was_compressed_mirrored_or_resized() -> None:
    images = digits()
    known, fresh = images[:800], images[800:1000]
    packed = io.BytesIO()
    Image.fromarray(known[5, 0]).save(packed, "JPEG", quality=80)
    smaller = Image.fromarray(known[7, 0]).resize((28, 28), Image.Resampling.LANCZOS)
    compressed = np.asarray(Image.open(packed))[None]
    mirrored, resized = known[6, :, :, ::-1], np.asarray(smaller)[None]
    for number, copy in ((5, compressed), (6, mirrored), (7, resized)):
        found = find_nearest(np.stack([copy]), known)
        assert found.index.tolist() == [number]
        assert found.copies.tolist() == [0]
    assert len(find_nearest(fresh, known).copies) == 0


def test_grey_images_are_compared_with_coloured_ones() -> None:
    known = digits()[:20]
    found = find_nearest(known[3:5], np.repeat(known, 3, axis=1))
    assert found.index.tolist() == [3, 4]
    assert found.copies.tolist() == [0, 1]


def test_the_frechet_distance_is_that_of_two_normal_distributions() -> None:
    chance = np.random.default_rng(0)
    real = torch.from_numpy(chance.normal(0, 1, (20000, 2)))
    made = torch.from_numpy(chance.normal([3, 0], [1, 2], (20000, 2)))
    # |difference of means|^2 + (1 - 2)^2 of the standard deviations
    assert abs(frechet(real, made) - 10) < 0.3
    assert frechet(real, real) < 1e-6


def test_memorised_features_are_told_by_mifid_and_the_same_call_gives_the_same() -> None:
    chance = np.random.default_rng(0)
    real = torch.from_numpy(chance.normal(0, 1, (300, 8))).float()
    near, apart = real[:200] + 0.01, torch.from_numpy(chance.normal(0, 1, (200, 8))).float()
    memorised, original = measure(real, near), measure(real, apart)
    assert memorised["mifid"] > 10 * memorised["fid"]
    assert original["mifid"] == pytest.approx(original["fid"])
    assert measure(real, near) == memorised
