"""The demo of a translator: in the browser it writes what `compete predict` does."""

import json
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from competitions.sentences import competition, rows
from demo_page import COUNT, open_demo, serve
from playwright.sync_api import Browser, Page
from small import run_pipeline

from compete.contract import Contract
from compete.errors import Fault
from compete.export.record import DEMO, Exported
from compete.portfolio.leak_check import check
from compete.supervised.export import export
from compete.supervised.inference import load_fold
from compete.training.config import LIGHT, load_config

pytest.importorskip("onnxscript")
TASK = "translation"
ROWS = 20
SHOWN = """() => [document.querySelector('.answer').textContent,
    [...document.querySelectorAll('.tokens data')].map(({ value }) => Number(value))]"""


@pytest.fixture(scope="module")
def exported(author: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project whose translator learned for a moment, and was exported."""
    root = tmp_path_factory.mktemp("project")
    competition(
        root,
        test=[*rows(ROWS - 1, 100), {"id": 999, "english": "a bird, a bird!", "french": ""}],
        data={"translation_memory": False},
        model={"ema": 0.0, "beams": 3},
        trainer={"max_epochs": 12},
    )
    with chdir(root):
        run_pipeline()
        export(None, 0)
    return root


@pytest.fixture
def within(exported: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in the project."""
    monkeypatch.chdir(exported)
    return exported


def translate(page: Page, text: str) -> tuple[str, list[float]]:
    """Type a sentence; return its translation, and the probability of each of its tokens."""
    before = page.evaluate(COUNT)
    page.locator("textarea").fill(text)
    page.wait_for_function(f"{COUNT} > {before}")
    found: tuple[str, list[float]] = page.evaluate(SHOWN)
    return found


def made_by_python() -> list[tuple[str, list[float]]]:
    """Return a fold's translations of the test rows, and the probability of each token."""
    data, model = load_fold(Contract.load(), load_config("base", sections=LIGHT), 0)
    generate, found = model.net.generate, []
    for row in range(ROWS):
        ids = torch.from_numpy(data.tokens.sources["test"][row])[None]
        inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
        made: list[torch.Tensor] = []
        model.net.generate = lambda made=made, **options: made.append(generate(**options)) or made[0]
        (text,) = model.predict_batch(inputs)
        with torch.inference_mode():
            logits = model.net(**inputs, decoder_input_ids=made[0][:, :-1]).logits
        chosen = logits.softmax(-1).gather(2, made[0][:, 1:, None])
        found.append((text, chosen[0, :, 0].tolist()))
    return found


@pytest.mark.usefixtures("within")
def test_twenty_sentences_get_the_translation_that_predict_wrote(
    exported: Path, chrome: Browser
) -> None:
    said: list[str] = []
    page = open_demo(chrome, (exported / DEMO / "index.html").as_uri(), said, offline=True)
    sources = pl.read_parquet("data/processed/test.parquet")["english"]
    written = pl.read_parquet("predictions/base/fold0-test.parquet").sort("row")["p_french"]
    assert written.n_unique() > 5
    for source, expected, (text, probabilities) in zip(
        sources, written, made_by_python(), strict=True
    ):
        assert expected == text
        assert translate(page, source) == [text, pytest.approx(probabilities, abs=1e-3)]
    assert said == []
    page.context.close()


@pytest.mark.parametrize("size", [(390, 844), (1366, 768)], ids=str)
def test_from_a_plain_server_the_page_fits_and_axe_finds_nothing_serious(
    exported: Path, chrome: Browser, size: tuple[int, int]
) -> None:
    width, height = size
    said: list[str] = []
    scheme = "light" if width < height else "dark"
    options = {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
    with serve(exported / DEMO) as address:
        page = open_demo(chrome, address, said, **options)
    translate(page, "the cat sleeps in the garden " * 4)
    page.locator(".tokens button").first.click()
    assert page.locator(".others .bars li").count() == 5
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert serious == [], json.dumps(serious, indent=1)[:3000]
    assert said == []
    page.context.close()


@pytest.mark.usefixtures("within")
def test_record_and_leak_check_know_both_graphs(exported: Path) -> None:
    record = Exported.load()
    assert record is not None
    assert (record.task, record.whole) == ("translation", False)  # one of two folds
    assert "one of these models translates" in record.left_out[-1]
    assert record.models[0].difference < 1e-4
    for name in ("model-base-0-0.js", "model-base-0-encoder-0.js"):
        with pytest.raises(Fault, match="trained weights, as the demo has them"):
            check([DEMO / "parts" / name])


EDITS: list[tuple[str, str, str]] = [
    ("do_sample=False", "do_sample=False, repetition_penalty=1.5", "repetition_penalty"),
    ("[text.strip() for text in texts]", "[text.upper() for text in texts]", "way of its own"),
]


@pytest.mark.usefixtures("within")
@pytest.mark.parametrize(("old", "new", "reason"), EDITS)
def test_a_way_to_translate_that_the_page_can_not_repeat_is_refused(
    edit_author: Any, old: str, new: str, reason: str
) -> None:
    edit_author(TASK, "model.py", old, new)
    with pytest.raises(Fault, match=reason):
        export(None, 0)
