"""Pictures as they come: every mode is read, every damage is named, nothing crashes."""

import io
import json
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from conftest import Package
from pictures import bomb, competition, grey, save, stripes
from PIL import Image
from small import write

Prepare = Callable[..., dict[str, Any]]
PARAMS = Path(__file__).parents[1] / "params.yaml"


@pytest.fixture
def decode(package: Package) -> Callable[..., Any]:
    """`decode(path, size, channels)`."""
    found: Callable[..., Any] = package("modeling.store").decode
    return found


@pytest.fixture
def prepare(package: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prepare:
    """`prepare(spoil=..., **sections)` prepares a competition that `spoil` has changed before."""
    monkeypatch.chdir(tmp_path)

    def run(spoil: Callable[[Path], Any] | None = None, **sections: Any) -> dict[str, Any]:
        competition(tmp_path, PARAMS, rows=30, **sections)
        if spoil:
            spoil(tmp_path / "data" / "raw")
        package("modeling.prepare").prepare()
        text = (tmp_path / "data/processed/prepared.json").read_text(encoding="utf-8")
        facts: dict[str, Any] = json.loads(text)
        return facts

    return run


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16", "F"])
@pytest.mark.parametrize("channels", [1, 3])
def test_every_mode_is_read(
    decode: Callable[..., Any], tmp_path: Path, mode: str, channels: int
) -> None:
    if mode == "I;16":
        values = np.full((16, 16), 40_000, dtype=np.uint16)
        values[:, :8] = 0
        picture = Image.fromarray(values)
    else:
        picture = grey(255)
        picture.paste(0, (0, 0, 8, 16))
        picture = picture.convert(mode)
    jpeg, tiff = mode in ("CMYK", "YCbCr"), mode == "F"
    path = save(tmp_path / f"a.{'jpg' if jpeg else 'tif' if tiff else 'png'}", picture)
    found = decode(path, 16, channels)
    assert (found.shape, found.dtype) == ((16, 16, channels), np.uint8)
    assert found[:, :6].max() < 20
    assert found[:, 10:].min() > 235


def test_a_picture_is_turned_as_its_camera_was(decode: Callable[..., Any], tmp_path: Path) -> None:
    picture = grey(0)
    picture.paste(255, (0, 0, 16, 8))  # the upper half is bright
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise: up becomes right
    found = decode(save(tmp_path / "a.png", picture, exif=exif), 16, 1)
    assert found[:, 8:].min() == 255
    assert found[:, :8].max() == 0


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (900, 700)])
def test_every_size_is_brought_to_one(
    decode: Callable[..., Any], tmp_path: Path, size: tuple[int, int]
) -> None:
    found = decode(save(tmp_path / "a.png", grey(77, size=size)), 32, 3)
    assert found.shape == (32, 32, 3)
    assert (found == 77).all()


def test_of_an_animation_the_first_picture_counts(
    decode: Callable[..., Any], tmp_path: Path
) -> None:
    frames = [grey(value) for value in (30, 200)]
    path = save(tmp_path / "a.gif", frames[0], save_all=True, append_images=frames[1:])
    assert (decode(path, 16, 1) == 30).all()


def damaged(kind: str) -> bytes:
    """The bytes of a picture that is none."""
    buffer = io.BytesIO()
    stripes(0, 0).resize((200, 200)).save(buffer, "JPEG")
    return {
        "truncated": buffer.getvalue()[:700],
        "of no bytes": b"",
        "text": b"404: not found\n",
        "a bomb": bomb(),
    }[kind]


@pytest.mark.parametrize("kind", ["truncated", "of no bytes", "text", "a bomb"])
def test_a_damaged_picture_is_refused_by_name_or_skipped_and_counted(
    prepare: Prepare, fault: type[Exception], tmp_path: Path, kind: str
) -> None:
    def spoil(raw: Path) -> None:
        write(raw / "train/4.png", damaged(kind))
        write(raw / "test/5.png", damaged(kind))

    with pytest.raises(fault, match=r"1 of 30 pictures can't be read: .*train/4\.png \(broken"):
        prepare(spoil)
    assert not (tmp_path / "data/processed").exists()
    facts = prepare(spoil, data={"on_bad_row": "skip"})
    assert (facts["rows"], facts["train_broken"], facts["test_broken"]) == (29, 1, 1)
    table = pl.read_parquet(tmp_path / "data/processed/train.parquet")
    assert 4 not in table["id"]
    pixels = np.load(tmp_path / "data/processed/train.npy")
    assert len(pixels) == 29
    neighbour = np.asarray(stripes(2, 5).resize((32, 32), Image.Resampling.BICUBIC))
    assert np.abs(pixels[4, :, :, 0].astype(int) - neighbour).max() <= 1
    assert np.load(tmp_path / "data/processed/test.npy")[5].max() == 0


def test_a_missing_picture_is_refused_by_name_or_skipped_and_counted(
    prepare: Prepare, fault: type[Exception]
) -> None:
    def spoil(raw: Path) -> None:
        (raw / "train/7.png").unlink()

    with pytest.raises(fault, match=r"1 of 30 pictures .*\(7, 'b'\) \(missing\)"):
        prepare(spoil)
    facts = prepare(spoil, data={"on_bad_row": "skip"})
    assert (facts["rows"], facts["train_missing"]) == (29, 1)


@pytest.mark.parametrize("empty", ["", "NaN"])
def test_a_row_without_label_is_refused_by_line_or_skipped_and_counted(
    prepare: Prepare, fault: type[Exception], empty: str
) -> None:
    def spoil(raw: Path) -> None:
        rows = [f"{i},{i % 3}" for i in range(30)]
        rows[3] = f"3,{empty}"
        write(raw / "train.csv", "\n".join(["id,label", *rows, ""]))

    with pytest.raises(fault, match=r"1 rows of .*train\.csv have no label \(lines 5\)"):
        prepare(spoil)
    facts = prepare(spoil, data={"on_bad_row": "skip"})
    assert (facts["rows"], facts["dropped_without_label"]) == (29, 1)


def test_the_same_picture_twice_is_counted_and_shares_a_fold(
    prepare: Prepare, tmp_path: Path
) -> None:
    def spoil(raw: Path) -> None:
        for row in (9, 12, 15):
            save(raw / f"train/{row}.png", stripes(0, 0))

    facts = prepare(spoil)
    assert facts["duplicates"] == 3
    table = pl.read_parquet(tmp_path / "data/processed/train.parquet")
    assert table.filter(pl.col("id").is_in([0, 9, 12, 15]))["fold"].n_unique() == 1


def test_a_picture_that_looks_alike_is_counted(prepare: Prepare) -> None:
    def spoil(raw: Path) -> None:
        save(raw / "train/9.png", stripes(0, 0).point(lambda shade: shade + 3))

    facts = prepare(spoil)
    assert (facts["duplicates"], facts["near_duplicates"]) == (0, 1)


def test_to_prepare_again_gives_the_same_bytes(prepare: Prepare, tmp_path: Path) -> None:
    def content() -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in (tmp_path / "data/processed").iterdir()}

    prepare()
    before = content()
    prepare()
    assert content() == before
    assert set(before) == {
        "prepared.json",
        "test.npy",
        "test.parquet",
        "thumbnails.npy",
        "train.npy",
        "train.parquet",
    }


def test_what_a_killed_prepare_left_is_cleared(prepare: Prepare, tmp_path: Path) -> None:
    left = write(tmp_path / "data" / ".processed.12345.part" / "train.npy", "half")
    prepare()
    assert not left.parent.exists()


def test_pictures_that_do_not_fit_are_decoded_each_time(prepare: Prepare, tmp_path: Path) -> None:
    facts = prepare(data={"cache_gb": 0.0})
    assert not facts["cached"]
    assert not (tmp_path / "data/processed/train.npy").exists()


@pytest.mark.parametrize(
    ("key", "value"), [("folds", "many"), ("image_size", "large"), ("cache_gb", "all")]
)
def test_a_word_where_a_number_belongs_is_refused_by_name(
    prepare: Prepare, fault: type[Exception], key: str, value: str
) -> None:
    with pytest.raises(fault, match=f"{key}.*{value}"):
        prepare(data={key: value})


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP"])
@pytest.mark.filterwarnings("ignore")
def test_no_damage_crashes_the_decoder(
    package: Package, decode: Callable[..., Any], tmp_path: Path, form: str
) -> None:
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
        with suppress(package("modeling.store").BadPicture):
            assert decode(path, 16, 3).shape == (16, 16, 3)
