"""The demo in a real browser, after an end-to-end run: it predicts what Python does."""

import base64
import functools
import gzip
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from browser_checks import assert_no_scroll_sideways, assert_no_serious_violation, window
from demo_page import COUNT, READY, open_demo, serve
from end_to_end import EndToEndRun
from PIL import Image
from playwright.sync_api import Browser, Page
from support import REPOSITORY

from compete.export.quantize import predictions
from compete.export.runtime import WEB
from compete.tasks.image.decode import resize
from compete.tasks.image.export import vertical_first

pytestmark = pytest.mark.slow

ROWS = 20
# What translations are is compared in tests/engine/tasks/translation.
TASKS = ["image", "tabular", "text", pytest.param("translation", marks=pytest.mark.long)]
SHOWN = """[...document.querySelectorAll('.bars li')].map(item =>
    [item.querySelector('.name').textContent, Number(item.querySelector('data').value)])"""


class Demo:
    """A demo, apart from the project that it was made in, which keeps none."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root, self.folder = root, folder
        self.record = json.loads((folder / "export.json").read_text("utf-8"))
        self.address = (folder / "index.html").as_uri()

    def expected(self) -> pl.DataFrame:
        """Return what Python predicts for the test rows with the models of the demo."""
        tables = [
            pl.read_parquet(
                self.root / f"predictions/{one['member']}/fold{one['fold']}-test.parquet"
            )
            .sort("row")
            .select(pl.col("^p_.*$") * one["weight"])
            for one in self.record["models"]
        ]
        return functools.reduce(lambda total, table: total + table, tables)

    def test_rows(self) -> pl.DataFrame:
        """Return the prepared test rows."""
        return pl.read_parquet(self.root / "data/processed/test.parquet")


@pytest.fixture(scope="session", params=TASKS)
def demo(
    request: pytest.FixtureRequest,
    run_end_to_end: Callable[[str], EndToEndRun],
    tmp_path_factory: pytest.TempPathFactory,
) -> Demo:
    """The demo of each task."""
    project = run_end_to_end(request.param).project
    project.run("compete", "export")
    folder = tmp_path_factory.mktemp("demo") / request.param
    shutil.move(project.path / "reports/demo", folder)
    return Demo(project.path, folder)


def test_ordered_classes_are_answered_by_their_mean(chrome: Browser) -> None:
    values = {"problem": "classification", "outputs": ["1", "2", "3"], "cutPoints": [0.5, 1.8]}
    page = chrome.new_page()
    page.add_script_tag(content=f"const values = {json.dumps(values)};")
    page.add_script_tag(content=(WEB / "results.js").read_text("utf-8"))
    answer = page.evaluate("describe([0.5, 0.4, 0.1])[0].textContent")
    assert answer == "2 40.0 %"  # the mean is 0.6, though the first class is the most probable
    assert page.evaluate("describe([0.9, 0.1, 0])[0].textContent") == "1 90.0 %"


def ask(page: Page, give: Callable[[], None]) -> list[tuple[str, Any]]:
    """Give the page an input, wait for its prediction, and return it by names."""
    before = page.evaluate(COUNT)
    give()
    page.wait_for_function(f"{COUNT} > {before}", timeout=60_000)
    found: list[tuple[str, Any]] = page.evaluate(SHOWN)
    return found


def give_image(page: Page, demo: Demo, tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Yield what gives a row's image, as a file of the size that the competition has."""
    pixels = pl.read_csv(demo.root / "data/raw/test.csv").to_numpy()
    side = int(pixels.shape[1] ** 0.5)
    for row in range(ROWS):
        file = tmp_path / f"{row}.png"
        Image.fromarray(pixels[row].reshape(side, side).astype(np.uint8)).save(file)
        yield functools.partial(page.locator("input[type=file]").first.set_input_files, file)


FILL = """row => {
    for (const [name, value] of Object.entries(row)) {
        const field = document.getElementById(`field-${name}`);
        if (!field) continue;
        field.value = field.tagName == 'SELECT' ? (value === null ? '' : `=${value}`) : value ?? '';
        field.dispatchEvent(new Event(field.tagName == 'SELECT' ? 'change' : 'input'));
    }
}"""


def give_row(page: Page, demo: Demo, _: Path) -> Iterator[Callable[[], None]]:
    """Yield what fills a row into the form."""
    for row in demo.test_rows().head(ROWS).iter_rows(named=True):
        yield functools.partial(page.evaluate, FILL, row)


def give_text(page: Page, demo: Demo, _: Path) -> Iterator[Callable[[], None]]:
    """Yield what types a row's text."""
    rows = demo.test_rows()
    box = page.locator("textarea")
    name = str(box.get_attribute("name"))
    for text in rows[name].head(ROWS):
        yield functools.partial(box.fill, text)


GIVE = {"image": give_image, "tabular": give_row, "text": give_text}


@pytest.mark.parametrize("demo", GIVE, indirect=True)
def test_twenty_inputs_get_the_prediction_that_python_makes(
    demo: Demo, chrome: Browser, tmp_path: Path
) -> None:
    said: list[str] = []
    page = open_demo(chrome, demo.address, said, offline=True)
    card = json.loads((demo.root / "reports/card.json").read_text("utf-8"))
    assert page.locator("h1").inner_text() == card["title"]
    expected = demo.expected()
    for row, give in enumerate(GIVE[demo.record["task"]](page, demo, tmp_path)):
        for name, value in ask(page, give):
            assert value == pytest.approx(expected[f"p_{name}"][row], abs=1e-3)
    if demo.record["whole"]:
        blend = pl.read_parquet(demo.root / "predictions/blend/test.parquet").sort("row")
        assert np.allclose(expected.to_numpy(), blend.select("^p_.*$").to_numpy(), atol=1e-9)
    assert said == []
    page.context.close()


@pytest.mark.long
def test_in_8_bit_integers_the_page_predicts_what_its_graph_does(
    run_end_to_end: Callable[[str], EndToEndRun], chrome: Browser, tmp_path: Path
) -> None:
    project = run_end_to_end("image").project
    project.run("compete", "export", "--int8", "--fold", "0")
    shutil.move(project.path / "reports/demo", tmp_path / "demo")
    said: list[str] = []
    compare_with_graph(Demo(project.path, tmp_path / "demo"), chrome, tmp_path, said)
    assert said == []


def compare_with_graph(demo: Demo, chrome: Browser, tmp_path: Path, said: list[str]) -> None:
    """Compare the predictions of a page that holds one model with those of the model's file."""
    assert [one["kept"] for one in demo.record["int8"]] == [True]
    graph = b"".join(
        gzip.decompress(base64.b64decode(path.read_text("utf-8").split('"')[3]))
        for path in sorted(demo.folder.glob("parts/model-base-0-*.js"))
    )
    pixels = np.load(demo.root / "data/processed/test.npy")[:ROWS].transpose(0, 3, 1, 2)
    expected = predictions(graph, [{"pixels": pixels}])
    page = open_demo(chrome, demo.address, said, offline=True)
    assert "quantized to 8-bit integers" in page.inner_text(".about")
    outputs = json.loads(page.inner_text("#values"))["outputs"]
    for row, give in enumerate(give_image(page, demo, tmp_path)):
        for name, value in ask(page, give):
            # Processors multiply and round integers in different orders.
            assert value == pytest.approx(expected[row, outputs.index(name)], abs=0.03)
    page.context.close()


@pytest.fixture
def served(demo: Demo) -> Iterator[str]:
    """The demo's address on a server that sends no special headers, as GitHub Pages sends none."""
    with serve(demo.folder) as address:
        yield address


@pytest.mark.parametrize(
    "size", [(390, 844), pytest.param((1366, 768), marks=pytest.mark.long)], ids=str
)
def test_from_a_plain_server_the_page_fits_and_axe_finds_nothing_serious(
    served: str, chrome: Browser, size: tuple[int, int]
) -> None:
    said: list[str] = []
    page = open_demo(chrome, served, said, **window(size))
    ask(page, page.locator("#examples button").first.click)
    assert_no_scroll_sideways(page)
    assert_no_serious_violation(page)
    assert said == []
    page.context.close()


@pytest.mark.parametrize("demo", ["tabular"], indirect=True)
def test_a_picture_of_the_demo_is_taken_by_a_command(demo: Demo, tmp_path: Path) -> None:
    project, picture = tmp_path / "project", tmp_path / "demo.png"
    shutil.copytree(demo.folder, project / "reports/demo")
    program = REPOSITORY / "examples" / "screenshot.py"
    subprocess.run([sys.executable, program, project, picture, "--demo"], check=True)
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("demo", ["tabular"], indirect=True)
def test_without_webassembly_it_says_so(demo: Demo, chrome: Browser) -> None:
    page = chrome.new_page()
    page.add_init_script("delete globalThis.WebAssembly")
    page.goto(demo.address)
    page.wait_for_function(READY)
    assert "WebAssembly" in page.locator("#problem").inner_text()
    page.close()


def test_the_record_tells_what_is_there(demo: Demo) -> None:
    files = demo.record["files"]
    assert set(files) == {
        path.relative_to(demo.folder).as_posix()
        for path in demo.folder.rglob("*")
        if path.is_file() and path.name != "export.json"
    }
    for name, sha256 in files.items():
        assert hashlib.sha256((demo.folder / name).read_bytes()).hexdigest() == sha256
    page = (demo.folder / "index.html").read_bytes()
    assert len(gzip.compress(page)) < 500_000
    assert b"://" not in page.replace(b"https?://", b"").replace(b"https?:\\/\\/", b"")
    assert sum(one["weight"] for one in demo.record["models"]) == pytest.approx(1)
    assert all(one["difference"] < 1e-4 for one in demo.record["models"])


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    ("width", "height", "size"),
    [(28, 28, 48), (31, 77, 48), (640, 427, 64), (1000, 33, 32), (513, 700, 40), (48, 48, 48)],
)
def test_images_are_resized_as_pillow_does(
    chrome: Browser, width: int, height: int, size: int, channels: int
) -> None:
    pixels = np.random.default_rng(width).integers(0, 256, (height, width, channels), np.uint8)
    exact = resize(Image.fromarray(pixels if channels == 3 else pixels[:, :, 0]), size)
    page = chrome.new_page()
    page.add_script_tag(content=(WEB / "image.js").read_text("utf-8"))
    image = {"data": pixels.ravel().tolist(), "width": width, "height": height}
    found = page.evaluate(
        "([image, channels, size, first]) => Array.from(resize(image, channels, size, first).data)",
        [image, channels, size, vertical_first()],
    )
    assert found == exact.ravel().tolist()
    page.close()
