"""The guard recognises the competition's images in other sizes and formats, and no others.

The competition is one half of scikit-learn's digits, as pixels in columns.
"""

import base64
import io
import json
import os
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import vl_convert
from authors import params_of
from numpy.typing import NDArray
from PIL import Image
from samples import bomb, write
from sklearn.datasets import load_digits
from small import prepare_there, settle

from compete import perceptual_hash
from compete.portfolio.leak_check import find_leaks

TASK = "image"
HALF, TRAIN = 898, 700
Guard = Callable[..., list[str]]


def digits() -> NDArray[np.uint8]:
    """1,797 digits `(n, 8, 8)`, mixed."""
    found = (load_digits().images * 255 / 16).astype(np.uint8)
    return np.random.default_rng(0).permutation(found)


def digit(number: int) -> Image.Image:
    return Image.fromarray(digits()[number])


@pytest.fixture(scope="module")
def prepared(author: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half of the digits as `prepare` stores them, in a repository."""
    root = tmp_path_factory.mktemp("project")
    settle(root, params_of(TASK), {"data": {"folds": 2}}, {})
    pixels = digits()[:HALF].reshape(HALF, -1)
    names = [f"pixel{i}" for i in range(pixels.shape[1])]
    train = [
        f"{row % 10},{','.join(map(str, values))}" for row, values in enumerate(pixels[:TRAIN])
    ]
    test = [",".join(map(str, values)) for values in pixels[TRAIN:]]
    sample = [f"{row + 1},0" for row in range(len(test))]
    raw = root / "data/raw"
    write(raw / "train.csv", "\n".join([",".join(["label", *names]), *train, ""]))
    write(raw / "test.csv", "\n".join([",".join(names), *test, ""]))
    write(raw / "sample_submission.csv", "\n".join(["ImageId,Label", *sample, ""]))
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", root], check=True)
    return prepare_there(root)


@pytest.fixture
def guard(within: Path) -> Guard:
    """Return what is found in some files, or in what git has."""
    return lambda *files: [str(leak) for leak in find_leaks(map(Path, files))]


def encoded(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def larger(image: Image.Image) -> Image.Image:
    return image.resize((64, 64), Image.Resampling.BICUBIC)


def packed(images: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in images.items():
            archive.writestr(name, content)
    return file.getvalue()


def notebook(image: bytes, *, broken_lines: bool = False) -> str:
    text = (base64.encodebytes if broken_lines else base64.b64encode)(image).decode()
    output = {"output_type": "display_data", "data": {"image/png": text, "text/plain": ["<P>"]}}
    return json.dumps({"cells": [{"cell_type": "code", "outputs": [output]}]}, indent=1)


def page(image: bytes) -> str:
    text = base64.b64encode(image).decode()
    return f'<p>Look:</p>\n<img src="data:image/webp;base64,{text}">\n'


COPIES: dict[str, Callable[[], bytes | str]] = {
    "drawn.png": lambda: encoded(digit(0)),
    "larger.png": lambda: encoded(larger(digit(1))),
    "large.jpg": lambda: encoded(larger(digit(2)), "JPEG", quality=75),
    "large.webp": lambda: encoded(larger(digit(3)), "WEBP", quality=80),
    "smaller.png": lambda: encoded(larger(digit(4)).resize((24, 24))),
    "colour.gif": lambda: encoded(larger(digit(5)).convert("RGB"), "GIF"),
    "darker.png": lambda: encoded(larger(digit(6)).point(lambda shade: shade // 2 + 9)),
    "of-test.png": lambda: encoded(larger(digit(TRAIN + 5))),
    "pack.zip": lambda: packed({"a.txt": b"A", "b.jpg": encoded(larger(digit(7)), "JPEG")}),
    "shown.ipynb": lambda: notebook(encoded(larger(digit(8)))),
    "lines.ipynb": lambda: notebook(encoded(larger(digit(9))), broken_lines=True),
    "page.html": lambda: page(encoded(digit(10), "WEBP")),
}


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_is_recognised_with_its_file_and_what_to_do(guard: Guard, name: str) -> None:
    content = COPIES[name]()
    write(Path(name), content)
    (found,) = guard(name)
    cell = ", output of cell 1"
    places = {"pack.zip": ":b.jpg", "shown.ipynb": cell, "lines.ipynb": cell, "page.html": ":2"}
    assert found.startswith(f"{name}{places.get(name, '')}: an image of the competition's data")
    assert "Remove it" in found


def test_a_copy_is_recognised_in_the_history(guard: Guard) -> None:
    author = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    write(Path("past.jpg"), encoded(larger(digit(11)), "JPEG"))
    for words in (("add", "past.jpg"), ("commit", "--quiet", "--message", "Leak")):
        subprocess.run(["git", *author, *words], check=True)
    subprocess.run(["git", "rm", "--quiet", "past.jpg"], check=True)
    subprocess.run(["git", *author, "commit", "--quiet", "--message", "Remove it"], check=True)
    (found,) = guard()
    assert found.startswith("past.jpg (commit ")


def test_a_file_of_the_data_is_found_once_although_it_is_an_image_too(guard: Guard) -> None:
    original = write(Path("data/raw/original.png"), encoded(digit(0)))
    write(Path("same.png"), original.read_bytes())
    (found,) = guard("same.png")
    original.unlink()
    assert found.startswith("same.png: the competition's original.png")


def test_the_report_may_show_a_few(guard: Guard) -> None:
    write(Path("reports/index.html"), page(encoded(digit(10), "WEBP")))
    assert guard("reports/index.html") == []
    write(Path("reports/index.zip"), Path("reports/index.html").read_bytes())
    assert guard("reports/index.zip") != []


def test_none_of_899_other_digits_is_taken_for_one_of_these(guard: Guard) -> None:
    others = {
        f"{n}.png": encoded(larger(digit))
        for n, digit in enumerate(map(Image.fromarray, digits()[HALF:]))
    }
    write(Path("others.zip"), packed(others))
    assert guard("others.zip") == []


def chart() -> bytes:
    values = [{"x": x, "y": x * x % 7} for x in range(20)]
    axes = {axis: {"field": axis, "type": "quantitative"} for axis in "xy"}
    return bytes(
        vl_convert.vegalite_to_png({"data": {"values": values}, "mark": "line", "encoding": axes})
    )


FOREIGN: dict[str, Callable[[], bytes]] = {
    "chart.png": chart,
    "noise.jpg": lambda: encoded(
        Image.fromarray(np.frombuffer(os.urandom(64 * 64), np.uint8).reshape(64, 64)), "JPEG"
    ),
    "flat.png": lambda: encoded(Image.new("RGB", (64, 64), (12, 130, 200))),
    "gradient.png": lambda: encoded(Image.linear_gradient("L")),
    "truncated.png": lambda: encoded(larger(digit(0)))[:90],
    "bomb.png": bomb,
    "empty.png": lambda: b"",
}


@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_no_image_of_the_competition_passes(guard: Guard, name: str) -> None:
    write(Path(name), FOREIGN[name]())
    write(Path(f"{name}.ipynb"), notebook(Path(name).read_bytes()))
    assert guard(name, f"{name}.ipynb") == []


def test_flat_images_in_the_data_match_nothing(within: Path) -> None:
    flat, sloping = Image.new("L", (64, 64), 80), Image.linear_gradient("L")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(perceptual_hash, "FILE", Path("few.npy"))
        few = [perceptual_hash.reduce(image) for image in (flat, sloping, digit(0))]
        perceptual_hash.keep(few, perceptual_hash.FILE)
        assert perceptual_hash.are_known(few) == [False, False, True]
