"""The layouts of Kaggle's image competitions, and tables as people save them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from samples import grey, save, write

from compete.contract import Competition
from compete.errors import Fault
from compete.files import ROW_ID
from compete.tasks.image.load import load

ASKED = Competition(slug="some")
Read = Callable[..., Any]
SAMPLE = "id,label\n1,a\n2,a\n"


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Where the competition's files lie."""
    folder = tmp_path / "raw"
    folder.mkdir()
    return folder


@pytest.fixture
def read(raw: Path) -> Read:
    """`read(train=..., sample=..., images=[...])` writes the files and reads them."""

    def run(images: list[str] | None = None, **tables: str | bytes) -> Any:
        for name in images or []:
            save(raw / name, 100)
        for name, text in ({"sample_submission": SAMPLE} | tables).items():
            write(raw / f"{name}.csv", text)
        return load(raw, ASKED)

    return run


def found(split: Any, raw: Path) -> list[str | None]:
    """The images of a split, as paths below the folder of the files."""
    return [path.relative_to(raw).as_posix() if path else None for path in split.paths]


@pytest.mark.parametrize(
    ("values", "images", "expected"),
    [
        (["5", "6"], ["train/5.png", "train/6.jpg"], ["train/5.png", "train/6.jpg"]),
        (["5.png", "6.png"], ["all/6.png", "all/5.png"], ["all/5.png", "all/6.png"]),
        (["1", "2"], ["train/1.png", "train/2.png"], ["train/1.png", "train/2.png"]),
        (["x/1.png", "y/1.png"], ["train/x/1.png", "train/y/1.png"], None),
        (["train/x/1.png"], ["train/x/1.png"], ["train/x/1.png"]),
        (["train\\x\\7.png", ".\\train\\8.png"], ["train/x/7.png", "train/8.png"], None),
        (["007", "010"], ["train/007.png", "train/010.PNG"], None),
        (["5", "10"], ["train/0005.png", "train/0010.png"], None),
        (["a b", "é"], ["train_images/a b.png", "train_images/é.png"], None),
        (["5", "gone"], ["train/5.png"], ["train/5.png", None]),
    ],
)
def test_a_table_names_the_images_in_a_folder(
    read: Read, raw: Path, values: list[str], images: list[str], expected: list[str | None] | None
) -> None:
    rows = "".join(f"{value},{label}\n" for value, label in zip(values, "ab", strict=False))
    reading = read([*images, "test/1.png", "test/2.png"], train=f"image,label\n{rows}")
    assert found(reading.train, raw) == (expected or images)
    assert found(reading.test, raw) == ["test/1.png", "test/2.png"]
    assert reading.test.table["id"].cast(str).to_list() == ["1", "2"]
    assert reading.train_name.endswith("train.csv")


def test_a_path_with_folders_is_not_mistaken_for_its_namesake(read: Read, raw: Path) -> None:
    images = ["train/y/1.png", "train/x/1.png", "test/1.png", "test/2.png"]
    reading = read(images, train="image,label\nx/1.png,a\ny/1.png,b\n")
    assert found(reading.train, raw) == ["train/x/1.png", "train/y/1.png"]


def test_a_folder_for_each_class(read: Read, raw: Path) -> None:
    images = ["train/cat/1.png", "train/cat/2.png", "train/dog/1.png"]
    reading = read([*images, "test/1.png", "test/2.png"])
    assert found(reading.train, raw) == images
    assert reading.train.table["label"].to_list() == ["cat", "cat", "dog"]
    assert found(reading.test, raw) == ["test/1.png", "test/2.png"]


def test_folders_of_classes_beside_each_other(read: Read, raw: Path) -> None:
    images = ["cat/7.png", "dog/8.png"]
    reading = read(
        [*images, "test/1.png", "test/2.png"], sample_submission="id,label\n1.png,x\n2.png,x\n"
    )
    assert found(reading.train, raw) == images
    assert found(reading.test, raw) == ["test/1.png", "test/2.png"]


def test_the_class_in_front_of_a_files_name(read: Read, raw: Path) -> None:
    images = ["train/cat.0.jpg", "train/cat.1.jpg", "train/dog.0.jpg"]
    reading = read([*images, "test/1.jpg", "test/2.jpg"])
    assert found(reading.train, raw) == images
    assert reading.train.table["label"].to_list() == ["cat", "cat", "dog"]


def test_a_test_table_may_name_the_images_otherwise_than_the_ids(read: Read, raw: Path) -> None:
    reading = read(
        ["train/5.png", "test/p.png", "test/q.png"],
        train="image,label\n5,a\n",
        test="id,file\n2,q.png\n1,p.png\n",
    )
    assert found(reading.test, raw) == ["test/q.png", "test/p.png"]
    assert reading.test.table["id"].to_list() == [2, 1]


def pixels(columns: int, rows: list[np.ndarray[Any, Any]], label: bool = True) -> str:
    """A table of pixels."""
    header = ["label"] * label + [f"pixel{i}" for i in range(columns)]
    lines = [[str(i)] * label + [str(v) for v in row] for i, row in enumerate(rows)]
    return "\n".join(",".join(line) for line in [header, *lines]) + "\n"


def smooth() -> np.ndarray[Any, Any]:
    """A colour image `(8, 8, 3)`: red across, green down, blue one shade."""
    ramp = np.arange(0, 240, 30)
    planes = np.broadcast_arrays(ramp[None, :], ramp[:, None], np.full((8, 8), 200))
    return np.stack(planes, axis=2)


def test_grey_pixels_in_columns(read: Read) -> None:
    row = np.arange(64)
    reading = read(train=pixels(64, [row, row]), test=pixels(64, [row, row], label=False))
    assert reading.train.table.columns == ["label"]
    assert reading.train.pixels.dtype == np.uint8
    assert (reading.train.pixels[0, :, :, 0] == row.reshape(8, 8)).all()
    assert reading.test.table[ROW_ID].to_list() == ["1", "2"]


@pytest.mark.parametrize("order", ["planes", "interleaved"])
def test_colour_pixels_in_columns_in_either_order(read: Read, order: str) -> None:
    image = smooth()
    row = (image.transpose(2, 0, 1) if order == "planes" else image).ravel()
    reading = read(train=pixels(192, [row, row]), test=pixels(192, [row, row], label=False))
    assert (reading.train.pixels[1] == image).all()


@pytest.mark.parametrize("whole", [False, True])
def test_pixels_between_0_and_1_are_scaled(read: Read, whole: bool) -> None:
    row = np.arange(64) % 2 if whole else np.arange(64) / 63
    reading = read(train=pixels(64, [row, row]), test=pixels(64, [row, row], label=False))
    assert reading.train.pixels.max() == 255
    assert (reading.train.pixels[0, :, :, 0] == (row * 255).round().reshape(8, 8)).all()


@pytest.mark.parametrize(
    ("train", "message"),
    [
        (pixels(64, [np.full(64, 256)]), "outside 0..255"),
        (pixels(64, [np.full(64, -1)]), "outside 0..255"),
        (pixels(64, [np.arange(64)] * 2).replace("0,0,1,2,", "0,0,1,,"), "empty pixels"),
        (pixels(50, [np.full(50, 7)]), "50 columns of pixels.*not the size of a square"),
        ("label,a\n1,2\n", "no columns of pixels"),
        ("label,a\n", "has no rows"),
        ("", "can't be read|has no rows"),
        ('label,a\n"1,2\n3,4,5\n', "can't be read"),
    ],
)
def test_pixels_that_make_no_image_are_refused(read: Read, train: str, message: str) -> None:
    with pytest.raises(Fault, match=message):
        read(train=train, test=pixels(64, [np.arange(64)] * 2, label=False))


@pytest.mark.parametrize(
    ("bytes_", "labels"),
    [
        ("﻿id,label\r\n5,été\r\n6,b\r\n".encode(), ["été", "b"]),
        ("id,label\n5,été\n6,b\n".encode("latin-1"), ["été", "b"]),
        (b'id,label\n5,"a, b"\n6,b\n', ["a, b", "b"]),
        (b"id,label\n5,01\n6,10\n", ["01", "10"]),
        (b"id,label\n5,1\n6,10\n", [1, 10]),
    ],
    ids=["BOM and CRLF", "Latin-1", "quoted comma", "leading zero", "numbers"],
)
def test_tables_as_people_save_them(
    read: Read, raw: Path, bytes_: bytes, labels: list[Any]
) -> None:
    reading = read(["train/5.png", "train/6.png", "test/1.png", "test/2.png"], train=bytes_)
    assert reading.train.table.columns == ["id", "label"]
    assert reading.train.table["label"].to_list() == labels
    assert found(reading.train, raw) == ["train/5.png", "train/6.png"]


def test_what_is_missing_is_said(read: Read, raw: Path) -> None:
    with pytest.raises(Fault, match="no sample submission"):
        load(raw, ASKED)
    with pytest.raises(Fault, match=r"no images, and no train and test tables"):
        read()
    with pytest.raises(Fault, match="no images whose names begin with a class"):
        read(["test/1.png", "test/2.png"])
    with pytest.raises(Fault, match="names the images of the train rows"):
        read(train="id,label\nnowhere,a\n")


@pytest.mark.parametrize("form", ["train/{}/{}.png", "train/{}_{}.png"])
def test_several_images_of_one_id_are_refused_with_a_remedy_that_works(
    read: Read, raw: Path, form: str
) -> None:
    images = [form.format(name, view) for name in ("p", "q") for view in (0, 1)]
    tested = [form.replace("train", "test").format(name, 0) for name in (1, 2)]
    with pytest.raises(Fault, match=r"Each 'id' of .*train.csv has several images, as 'p' has"):
        read([*images, *tested], train="id,label\np,a\nq,b\n")
    rows = [f"{path},{path[6]},{'ab'[path[6] == 'q']}\n" for path in images]
    tables = {
        "train2": "image,id,label\n" + "".join(rows),
        "test2": "image\n" + "".join(f"{path}\n" for path in tested),
        "sample2": "image,label\n" + "".join(f"{path},a\n" for path in tested),
    }
    for name, text in tables.items():
        write(raw / f"{name}.csv", text)
    named: Any = {f"{one[:-1]}_table": f"{one}.csv" for one in tables}
    reading = load(raw, replace(ASKED, **named))
    assert found(reading.train, raw) == images
    assert found(reading.test, raw) == tested
    assert reading.train.table["id"].to_list() == ["p", "p", "q", "q"]


def test_namesakes_in_several_folders_are_refused_unless_they_are_copies(
    read: Read, raw: Path
) -> None:
    images = ["photo/5.png", "mask/5.png", "test/1.png", "test/2.png"]
    assert read(images, train="id,label\n5,a\n").train.paths
    save(raw / "mask/5.png", 7)
    with pytest.raises(Fault, match=r"Several images go by '5' .*mask/5.png, photo/5.png"):
        load(raw, ASKED)
    write(raw / "paths.csv", "id,label\nphoto/5.png,a\n")
    reading = load(raw, replace(ASKED, train_table="paths.csv"))
    assert found(reading.train, raw) == ["photo/5.png"]


def test_a_second_column_of_images_is_told(read: Read, raw: Path) -> None:
    images = ["train/l.png", "train/r.png", "test/1.png", "test/2.png"]
    reading = read(images, train="left,right,label\nl,r,a\n")
    assert reading.tables[reading.train_name].endswith("images by 'left', and not by 'right'")


def test_images_of_several_kinds_are_found(read: Read, raw: Path) -> None:
    for suffix in ("png", "JPG", "jpeg", "bmp", "gif", "tif", "webp"):
        save(raw / "train" / f"of_{suffix}.{suffix}", grey(9, "RGB"))
    names = [path.stem for path in sorted((raw / "train").iterdir())]
    rows = "".join(f"{name},{i % 2}\n" for i, name in enumerate(names))
    reading = read(["test/1.png", "test/2.png"], train=f"id,label\n{rows}")
    assert None not in reading.train.paths
    assert len(reading.train.paths) == 7
