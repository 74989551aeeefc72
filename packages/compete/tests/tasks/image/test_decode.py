"""Image files of every mode, size and damage are decoded or refused; nothing crashes."""

import io
import random
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from samples import grey, save, stripes, write

from compete.tasks.image.decode import UnreadableImage, auto_size, decode


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16", "F"])
@pytest.mark.parametrize("channels", [1, 3])
def test_every_mode_is_read(tmp_path: Path, mode: str, channels: int) -> None:
    if mode == "I;16":
        values = np.full((16, 16), 40_000, dtype=np.uint16)
        values[:, :8] = 0
        image = Image.fromarray(values)
    else:
        image = grey(255)
        image.paste(0, (0, 0, 8, 16))
        image = image.convert(mode)
    jpeg, tiff = mode in ("CMYK", "YCbCr"), mode == "F"
    path = save(tmp_path / f"a.{'jpg' if jpeg else 'tif' if tiff else 'png'}", image)
    found = decode(path, 16, channels)
    assert found.shape == (16, 16, channels)
    assert found.dtype == np.uint8
    assert found[:, :6].max() < 20
    assert found[:, 10:].min() > 235


def test_a_image_is_turned_as_its_camera_was(tmp_path: Path) -> None:
    image = grey(0)
    image.paste(255, (0, 0, 16, 8))  # the upper half is bright
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise: up becomes right
    found = decode(save(tmp_path / "a.png", image, exif=exif), 16, 1)
    assert found[:, 8:].min() == 255
    assert found[:, :8].max() == 0


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (900, 700)])
def test_every_size_is_brought_to_one(tmp_path: Path, size: tuple[int, int]) -> None:
    found = decode(save(tmp_path / "a.png", grey(77, size=size)), 32, 3)
    assert found.shape == (32, 32, 3)
    assert (found == 77).all()


def test_of_an_animation_the_first_image_counts(tmp_path: Path) -> None:
    frames = [grey(value) for value in (30, 200)]
    path = save(tmp_path / "a.gif", frames[0], save_all=True, append_images=frames[1:])
    assert (decode(path, 16, 1) == 30).all()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP"])
@pytest.mark.filterwarnings("ignore")
def test_no_damage_crashes_the_decoder(tmp_path: Path, form: str) -> None:
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    options = {"exif": exif.tobytes()} if form in ("PNG", "JPEG", "WEBP", "TIFF") else {}
    stripes(2, 1).convert("RGB").save(buffer, form, **options)
    chance = random.Random(form)
    for _ in range(60):
        content = bytearray(buffer.getvalue())
        for _ in range(chance.choice([1, 3, 10])):
            content[chance.randrange(len(content))] = chance.randrange(256)
        path = write(tmp_path / "a.img", bytes(content[: chance.randrange(len(content)) + 1]))
        with suppress(UnreadableImage):
            assert decode(path, 16, 3).shape == (16, 16, 3)


@pytest.mark.parametrize(
    ("side", "channels", "size"),
    [(28, 1, 40), (32, 3, 96), (10, 1, 32), (128, 1, 128), (200, 3, 200), (1000, 3, 224)],
)
def test_small_images_are_enlarged_and_large_ones_reduced(
    side: int, channels: int, size: int
) -> None:
    assert auto_size(side, channels) == size
