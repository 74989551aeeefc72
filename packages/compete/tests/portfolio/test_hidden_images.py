"""Images of the data are recognised in whatever holds them, other images are not."""

import base64
import gzip
import io
import json
import pickle
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from disguises import notebook, output, saved, tarred
from office import zipped
from PIL import Image, ImageFilter

from compete import perceptual_hash
from compete.portfolio.leak_check import inspect


def picture(seed: int) -> Image.Image:
    """Soft spots, different for each seed."""
    shades = np.random.default_rng(seed).integers(0, 256, (48, 48), np.uint8)
    return Image.fromarray(shades).filter(ImageFilter.GaussianBlur(3)).point(lambda v: v * 4 - 384)


def encoded(image: Image.Image, form: str = "PNG") -> bytes:
    file = io.BytesIO()
    image.save(file, form)
    return file.getvalue()


def uri(image: Image.Image) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(encoded(image, 'JPEG')).decode()}"


def text(image: Image.Image) -> str:
    return base64.b64encode(encoded(image)).decode()


def in_attachment(image: Image.Image) -> str:
    attached = {"look.png": {"image/png": text(image)}}
    cell = {"cell_type": "markdown", "source": "![](attachment:look.png)", "attachments": attached}
    return notebook(cell)


def in_markdown_cell(image: Image.Image) -> str:
    return notebook({"cell_type": "markdown", "source": [f"![it]({uri(image)})\n"]})


def in_database(image: Image.Image) -> bytes:
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE pictures (name, content)")
        database.execute("INSERT INTO pictures VALUES ('a', ?)", [encoded(image)])
        database.commit()
        return database.serialize()


def in_parquet(image: Image.Image) -> bytes:
    table = pl.DataFrame({"image": [{"bytes": encoded(image), "path": "a.png"}]})
    return saved(table.write_parquet)


def in_arrays(image: Image.Image) -> bytes:
    stack = np.stack([np.zeros((48, 48), np.uint8), np.asarray(image)])
    return saved(lambda file: np.save(file, stack))


def in_scaled_arrays(image: Image.Image) -> bytes:
    colours = np.repeat(np.asarray(image, np.float32)[None, :, :, None] / 255, 3, axis=3)
    return saved(lambda file: np.savez(file, x=colours, y=np.zeros(1)))


Hide = Callable[[Image.Image], str | bytes]
HIDDEN: dict[str, tuple[Hide, str]] = {
    "output.ipynb": (
        lambda i: notebook(output(data={"image/png": text(i)})),
        ", output of cell 3",
    ),
    "shown.ipynb": (
        lambda i: notebook(output(data={"text/html": [f'<img src="{uri(i)}">']})),
        ", output of cell 3",
    ),
    "attached.ipynb": (in_attachment, ", attachment look.png of cell 3"),
    "markdown.ipynb": (in_markdown_cell, ", cell 3"),
    "page.html": (lambda i: f'<p>\n<img src="{uri(i)}">\n', ":2"),
    "notes.md": (lambda i: f"Look:\n\n![it]({uri(i)})\n", ":3"),
    "drawn.svg": (lambda i: f'<svg>\n<image href="{uri(i)}"/></svg>', ":2"),
    "rows.jsonl": (lambda i: json.dumps({"image": text(i)}), ":1"),
    "words.docx": (
        lambda i: zipped({"[Content_Types].xml": "<T/>", "word/media/1.png": encoded(i)}),
        ":word/media/1.png",
    ),
    "page.pdf": (lambda i: encoded(i, "PDF"), ", page 1"),
    "all.zip": (lambda i: zipped({"a/b.png": encoded(i)}), ":a/b.png"),
    "all.tar.gz": (lambda i: gzip.compress(tarred({"b.png": encoded(i)})), ":unpacked:b.png"),
    "nested.zip": (
        lambda i: zipped({"w.docx": zipped({"a.pdf": encoded(i, "PDF")})}),
        ":w.docx:a.pdf, page 1",
    ),
    "rows.sqlite": (in_database, ", table pictures"),
    "rows.parquet": (in_parquet, ""),
    "stack.npy": (in_arrays, ", image 2"),
    "scaled.npz": (in_scaled_arrays, ":x.npy, image 1"),
    "bytes.pkl": (lambda i: pickle.dumps([{"a": 1, "image": encoded(i)}]), ""),
    "array.pkl": (lambda i: pickle.dumps({"x": np.asarray(i)}), ", image 1"),
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project with the thumbnails of ten images of the competition."""
    monkeypatch.chdir(tmp_path)
    perceptual_hash.FILE.parent.mkdir(parents=True)
    thumbnails = [perceptual_hash.reduce(picture(seed)) for seed in range(10)]
    perceptual_hash.keep(thumbnails, perceptual_hash.FILE)


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("name", HIDDEN)
def test_an_image_is_recognised_in_its_place(name: str) -> None:
    hide, place = HIDDEN[name]
    for seed in (3, 77):
        content = hide(picture(seed))
        Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
        inspection = inspect([Path(name)])
        if seed == 3:
            assert str(inspection.findings[0]).startswith(
                f"{name}{place}: an image of the competition's data"
            )
        else:
            assert inspection.findings == []
        assert inspection.unread == []
