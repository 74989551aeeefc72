"""Image files of any kind become squares of one kind, and what can't be used is told."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from compete.errors import Fault
from compete.tasks.generative.image_arrays import count_changes, decode_all, look_through
from compete.tasks.generative.image_files import BadImage, decode, find_images, look


def as_file(image: Image.Image, kind: str = "PNG") -> bytes:
    made = io.BytesIO()
    image.save(made, kind)
    return made.getvalue()


def plain(mode: str = "RGB", size: tuple[int, int] = (16, 16), colour: object = None) -> bytes:
    return as_file(Image.new(mode, size, colour))  # type: ignore[arg-type]


def test_what_is_transparent_is_white() -> None:
    image = Image.new("RGBA", (16, 16), (200, 0, 0, 0))
    image.paste((0, 0, 255, 255), (0, 0, 8, 16))
    pixels = np.asarray(decode(as_file(image), "RGB", 16))
    assert pixels[8, 2].tolist() == [0, 0, 255]
    assert pixels[8, 13].tolist() == [255, 255, 255]


def test_the_centre_of_what_is_not_square_is_used() -> None:
    image = Image.new("L", (48, 16))
    image.paste(255, (16, 0, 32, 16))
    assert np.asarray(decode(as_file(image), "L", 16)).min() == 255


def test_sixteen_bits_become_eight_of_the_same_brightness() -> None:
    deep = Image.fromarray(np.full((16, 16), 32768, np.uint16))
    assert abs(int(np.asarray(decode(as_file(deep), "L", 16))[0, 0]) - 128) <= 1


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"no image at all", "no image"),
        (plain(size=(3, 3)), "3 x 3 pixels"),
    ],
)
def test_what_its_header_shows_to_be_no_use_is_told(content: bytes, why: str) -> None:
    with pytest.raises(BadImage, match=why):
        look(content)


def test_a_file_that_is_cut_off_is_refused_or_left_out_and_counted(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    (tmp_path / "a.png").write_bytes(as_file(Image.fromarray(noise)))
    (tmp_path / "b.png").write_bytes(as_file(Image.fromarray(noise))[:5000])
    found = look_through(tmp_path, skip_bad=False)
    with pytest.raises(Fault, match=r"1 of the files .*b.png: damaged.*on_bad_image: skip"):
        decode_all(found, tmp_path / "x.npy", "RGB", 32, skip_bad=False)
    found = look_through(tmp_path, skip_bad=True)
    assert decode_all(found, tmp_path / "x.npy", "RGB", 32, skip_bad=True).shape == (1, 3, 32, 32)
    assert np.load(tmp_path / "x.npy").shape == (1, 3, 32, 32)
    assert found.names == ["a.png"]
    assert count_changes([found], "RGB", 32) == {"left_out": 1, "reduced": 1}


def test_a_zip_is_read_as_a_folder_is(tmp_path: Path) -> None:
    (tmp_path / "folder/deep").mkdir(parents=True)
    (tmp_path / "folder/deep/a.png").write_bytes(plain("L", (32, 16), 7))
    (tmp_path / "folder/b.jpg").write_bytes(as_file(Image.new("RGB", (16, 16), "red"), "JPEG"))
    (tmp_path / "folder/notes.txt").write_text("no image")
    with zipfile.ZipFile(tmp_path / "images.zip", "w") as archive:
        for path in (tmp_path / "folder").rglob("*.*"):
            archive.write(path, path.relative_to(tmp_path / "folder"))
    arrays = []
    for place in (tmp_path / "folder", tmp_path / "images.zip"):
        found = look_through(place, skip_bad=False)
        assert found.names == ["b.jpg", "deep/a.png"]
        assert found.is_colour
        assert not found.looks["deep/a.png"].is_colour
        arrays.append(decode_all(found, tmp_path / "x.npy", "RGB", 32, skip_bad=False).copy())
    np.testing.assert_array_equal(arrays[0], arrays[1])


def test_images_in_several_places_are_asked_for_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("monet", "photo"):
        (tmp_path / "data/raw" / name).mkdir(parents=True)
        (tmp_path / "data/raw" / name / "a.png").write_bytes(plain())
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Fault, match=r"monet \(1\), photo \(1\).*\n  images: monet\n"):
        find_images("auto", "images")
    assert find_images("monet", "images") == Path("data/raw/monet")
    assert find_images("auto", "images", exclude="photo") == Path("data/raw/monet")
    with pytest.raises(Fault, match=r"neither a folder nor a zip.*`source_images:`"):
        find_images("photos", "source_images")
