"""Images are stored once, whatever the files hold: the good ones, in order, and counted."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from competitions.images import competition
from PIL import Image
from samples import bomb, save, stripes, write

from compete.errors import Fault
from compete.files import FOLD, IMAGE
from compete.records import Prepared
from compete.supervised.prepare import prepare
from compete.tasks.image.dataset import ImageDataset
from compete.tasks.image.decode import StoredImages

TASK = "image"
Prepare = Callable[..., Prepared]


@pytest.fixture
def prepared_with(author: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prepare:
    """`prepared_with(spoil, data={...})` prepares a competition that `spoil` has changed before."""
    monkeypatch.chdir(tmp_path)

    def run(spoil: Callable[[Path], Any] | None = None, **sections: Any) -> Prepared:
        competition(tmp_path, rows=30, **sections)
        if spoil:
            spoil(tmp_path / "data" / "raw")
        prepare()
        return Prepared.load()

    return run


def damaged(kind: str) -> bytes:
    """The bytes of a file that is no image."""
    buffer = io.BytesIO()
    stripes(0, 0).resize((200, 200)).save(buffer, "JPEG")
    return {
        "truncated": buffer.getvalue()[:700],
        "of no bytes": b"",
        "text": b"404: not found\n",
        "a bomb": bomb(),
    }[kind]


@pytest.mark.parametrize("kind", ["truncated", "of no bytes", "text", "a bomb"])
def test_a_damaged_image_is_refused_by_name_or_skipped_and_counted(
    prepared_with: Prepare, tmp_path: Path, kind: str
) -> None:
    def spoil(raw: Path) -> None:
        write(raw / "train/4.png", damaged(kind))
        write(raw / "test/5.png", damaged(kind))

    with pytest.raises(Fault, match=r"1 of 30 images can't be read: .*train/4\.png \(broken"):
        prepared_with(spoil)
    assert not (tmp_path / "data/processed").exists()
    prepared = prepared_with(spoil, data={"on_bad_row": "skip"})
    assert prepared.rows == 29
    assert prepared.counts["train_broken"] == prepared.counts["test_broken"] == 1
    table = pl.read_parquet(tmp_path / "data/processed/train.parquet")
    assert 4 not in table["id"]
    pixels = np.load(tmp_path / "data/processed/train.npy")
    assert len(pixels) == 29
    neighbour = np.asarray(stripes(2, 5).resize((32, 32), Image.Resampling.BICUBIC))
    assert np.abs(pixels[4, :, :, 0].astype(int) - neighbour).max() <= 1
    assert np.load(tmp_path / "data/processed/test.npy")[5].max() == 0


def test_a_missing_image_is_refused_by_name_or_skipped_and_counted(prepared_with: Prepare) -> None:
    def spoil(raw: Path) -> None:
        (raw / "train/7.png").unlink()

    with pytest.raises(Fault, match=r"1 of 30 images .*\(7, 'b'\) \(missing\)"):
        prepared_with(spoil)
    prepared = prepared_with(spoil, data={"on_bad_row": "skip"})
    assert (prepared.rows, prepared.counts["train_missing"]) == (29, 1)


@pytest.mark.parametrize("empty", ["", "NaN"])
def test_a_row_without_label_is_refused_by_line_or_skipped_and_counted(
    prepared_with: Prepare, empty: str
) -> None:
    def spoil(raw: Path) -> None:
        rows = [f"{i},{i % 3}" for i in range(30)]
        rows[3] = f"3,{empty}"
        write(raw / "train.csv", "\n".join(["id,label", *rows, ""]))

    with pytest.raises(Fault, match=r"1 rows of .*train\.csv have no label \(lines 5\)"):
        prepared_with(spoil)
    prepared = prepared_with(spoil, data={"on_bad_row": "skip"})
    assert (prepared.rows, prepared.counts["dropped_without_label"]) == (29, 1)


def test_the_same_image_twice_is_counted_and_shares_a_fold(
    prepared_with: Prepare, tmp_path: Path
) -> None:
    def spoil(raw: Path) -> None:
        for row in (9, 12, 15):
            save(raw / f"train/{row}.png", stripes(0, 0))

    assert prepared_with(spoil).duplicates == 3
    table = pl.read_parquet(tmp_path / "data/processed/train.parquet")
    assert table.filter(pl.col("id").is_in([0, 9, 12, 15]))[FOLD].n_unique() == 1


def test_an_image_that_looks_alike_is_counted(prepared_with: Prepare) -> None:
    def spoil(raw: Path) -> None:
        save(raw / "train/9.png", stripes(0, 0).point(lambda shade: shade + 3))

    assert prepared_with(spoil).duplicates == 0
    assert StoredImages.load().near_duplicates == 1


def test_to_prepare_again_gives_the_same_bytes(prepared_with: Prepare, tmp_path: Path) -> None:
    def content() -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in (tmp_path / "data/processed").iterdir()}

    prepared_with()
    before = content()
    prepared_with()
    assert content() == before
    assert set(before) == {
        "images.json",
        "made_from.yaml",
        "prepared.json",
        "test.npy",
        "test.parquet",
        "thumbnails.npy",
        "train.npy",
        "train.parquet",
    }


def test_what_a_killed_prepare_left_is_cleared(prepared_with: Prepare, tmp_path: Path) -> None:
    left = write(tmp_path / "data" / ".processed.12345.part" / "train.npy", "half")
    prepared_with()
    assert not left.parent.exists()


@pytest.mark.filterwarnings("error")
def test_images_that_do_not_fit_are_decoded_each_time(
    prepared_with: Prepare, tmp_path: Path
) -> None:
    prepared_with()
    assert StoredImages.load().cached
    stored = np.load(tmp_path / "data/processed/train.npy")
    prepared_with(data={"cache_gb": 0.0})
    assert not StoredImages.load().cached
    assert not (tmp_path / "data/processed/train.npy").exists()
    paths = pl.read_parquet(tmp_path / "data/processed/train.parquet")[IMAGE].to_list()
    images = ImageDataset(None, paths, stored.shape[2:], torch.zeros(30))
    assert all((images[row][0][0].numpy() == stored[row, :, :, 0]).all() for row in range(30))


def test_a_skipped_test_image_is_black_whether_it_is_stored_or_not(tmp_path: Path) -> None:
    images = ImageDataset(None, [None, str(tmp_path / "gone.png")], (16, 1), torch.zeros(2))
    assert images[0][0].shape == (3, 16, 16)
    assert all(images[row][0].max() == 0 for row in range(2))


@pytest.mark.parametrize(
    ("key", "value"), [("folds", "many"), ("image_size", "large"), ("cache_gb", "all")]
)
def test_a_word_where_a_number_belongs_is_refused_by_name(
    prepared_with: Prepare, key: str, value: str
) -> None:
    with pytest.raises(Fault, match=f"{key}.*{value}"):
        prepared_with(data={key: value})
