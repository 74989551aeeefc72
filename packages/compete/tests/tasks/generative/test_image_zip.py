"""The zip of images: as the contract asks, in parts that survive a kill, whole or not at all."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from compete.generative_contract import IMAGES_ZIP, GenerativeContract
from compete.tasks.generative.image_zip import PARTS, Images, ZippedImages, write_images

ASKED = GenerativeContract("some", "Some", "", "", "", 1, 9999, 28, 28, "L", "PNG")


class Painter:
    """Makes images that their numbers decide, and can be killed after some."""

    def __init__(self, at_most: int = 10**6) -> None:
        self.at_most, self.asked = at_most, list[int]()

    def __call__(self, start: int, count: int) -> Images:
        if start >= self.at_most:
            raise KeyboardInterrupt
        self.asked.append(start)
        chance = [np.random.default_rng(number) for number in range(start, start + count)]
        return np.stack([one.integers(0, 256, (3, 32, 32), dtype=np.uint8) for one in chance])


@pytest.fixture(autouse=True)
def within(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_images_are_what_the_contract_asks_for() -> None:
    write_images(Painter(), 3, replace(ASKED, mode="RGB", format="JPEG", width=20), "key")
    with zipfile.ZipFile(IMAGES_ZIP) as archive:
        assert archive.namelist() == ["00000.jpg", "00001.jpg", "00002.jpg"]
        image = Image.open(io.BytesIO(archive.read("00001.jpg")))
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (20, 28))


def test_a_killed_run_goes_on_to_the_same_bytes() -> None:
    write_images(Painter(), 600, ASKED, "key")
    whole = IMAGES_ZIP.read_bytes()
    IMAGES_ZIP.unlink()
    with pytest.raises(KeyboardInterrupt):
        write_images(Painter(at_most=512), 600, ASKED, "key")
    assert not IMAGES_ZIP.exists()
    again = Painter()
    write_images(again, 600, ASKED, "key")
    assert again.asked == [512]
    assert IMAGES_ZIP.read_bytes() == whole
    assert not PARTS.exists()
    write_images(again, 600, ASKED, "key")  # it is there
    assert again.asked == [512]


def test_parts_of_other_settings_are_thrown_away() -> None:
    with pytest.raises(KeyboardInterrupt):
        write_images(Painter(at_most=256), 600, ASKED, "one")
    other = Painter()
    write_images(other, 600, ASKED, "other")
    assert other.asked == [0, 256, 512]


def test_zipped_images_are_read_by_number() -> None:
    write_images(Painter(), 5, replace(ASKED, mode="RGB", width=32, height=32), "key")
    images = ZippedImages(IMAGES_ZIP)
    make: Callable[[int, int], Images] = Painter()
    np.testing.assert_array_equal(images[1:4], make(1, 3))
    np.testing.assert_array_equal(images[np.array([4, 0])], make(0, 5)[[4, 0]])
    assert len(images) == 5
    images.close()
