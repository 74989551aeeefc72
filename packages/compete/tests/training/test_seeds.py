"""What draws at random draws the same for the same row and epoch, whatever was drawn before."""

import pickle
import random
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from compete.processed import read_array
from compete.tasks.image.dataset import ImageDataset


def draws(image: Tensor) -> Tensor:
    """A transform of three numbers from three generators, as authors' own augmentation uses."""
    numbers = [random.random(), np.random.random(), torch.rand(1).item()]
    return torch.tensor(numbers).reshape(3, 1, 1)


def test_a_row_and_an_epoch_decide_how_an_image_is_changed() -> None:
    pixels = np.zeros((5, 1, 1, 3), dtype=np.uint8)
    images = ImageDataset(pixels, [None] * 5, (1, 3), torch.zeros(5), draws, seed=7)
    first, _ = images[3, 1]
    assert all((images[key][0] != first).all() for key in ((3, 2), (2, 1)))
    assert torch.equal(images[3, 1][0], first)


def test_images_are_read_from_their_file_in_a_spawned_process(tmp_path: Path) -> None:
    np.save(tmp_path / "train.npy", np.arange(300_000, dtype=np.uint8).reshape(5, 200, 100, 3))
    pixels = read_array(tmp_path / "train.npy")
    images = ImageDataset(pixels, [None] * 5, (200, 3), torch.zeros(5))
    sent = pickle.dumps(images)
    assert len(sent) < 10_000
    assert torch.equal(pickle.loads(sent)[3][0], images[3][0])
