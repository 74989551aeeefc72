"""The demo for translation: the browser writes the same text as `compete predict`."""

import shutil
from contextlib import chdir
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import torch
from browser_checks import assert_no_scroll_sideways, assert_no_serious_violation, window
from competitions.sentences import competition, rows
from demo_page import COUNT, open_demo, serve
from playwright.sync_api import Browser, Page
from small import run_pipeline

from compete.contract import Contract
from compete.errors import Fault
from compete.export.record import DEMO, Exported
from compete.portfolio.leak_check import check
from compete.records import Scores
from compete.supervised import export as exporting
from compete.supervised.export import export
from compete.supervised.inference import load_fold
from compete.tasks.translation import seq2seq
from compete.training.config import LIGHT, load_config

pytest.importorskip("onnxscript")
TASK = "translation"
ROWS = 20
SHOWN = """() => [document.querySelector('.answer').textContent,
    [...document.querySelectorAll('.tokens data')].map(({ value }) => Number(value))]"""


@pytest.fixture(scope="module")
def exported(author: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose translator, of one layer, learned for a moment, and was exported."""
    root = tmp_path_factory.mktemp("project")
    competition(
        root,
        test=[*rows(ROWS - 1, 100), {"id": 999, "english": "a bird,\u00a0 a BIRD!", "french": ""}],
        data={"translation_memory": False, "trained_folds": 1},
        model={"backbone": "marian", "ema": 0.0, "beams": 3, "lr": 5e-3},
        trainer={"max_epochs": 36},
    )
    with chdir(root), pytest.MonkeyPatch.context() as patch:
        for key in ("encoder_layers", "decoder_layers"):
            patch.setitem(seq2seq._SMALL["marian"], key, 1)
        run_pipeline()
        export(None, None)
    return root


@pytest.fixture
def within(exported: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in the project."""
    monkeypatch.chdir(exported)
    return exported


def translate(page: Page, text: str) -> list[Any]:
    """Type a sentence; return its translation, and the probability of each of its tokens."""
    before = page.evaluate(COUNT)
    page.locator("textarea").fill(text)
    page.wait_for_function(f"{COUNT} > {before}", timeout=60_000)
    found: list[Any] = page.evaluate(SHOWN)
    return found


def made_by_python() -> list[tuple[str, list[float]]]:
    """Return a fold's translations of the test rows, and the probability of each token."""
    (fold,) = Scores.load().members["base"].trained  # type: ignore[union-attr]
    data, model = load_fold(Contract.load(), load_config("base", sections=LIGHT), fold)
    sources = data.tokens.sources["test"]  # type: ignore[attr-defined]  # the author's DataModule
    generate = model.net.generate
    found: list[tuple[str, list[float]]] = []
    for row in range(ROWS):
        ids = torch.from_numpy(sources[row])[None]
        inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
        made: list[torch.Tensor] = []

        def watched(made: list[torch.Tensor] = made, **options: Any) -> torch.Tensor:
            made.append(generate(**options))
            return made[0]

        model.net.generate = watched
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
    written = pl.read_parquet("predictions/blend/test.parquet").sort("row")["p_french"]
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
    said: list[str] = []
    with serve(exported / DEMO) as address:
        page = open_demo(chrome, address, said, **window(size))
    translate(page, "the cat sleeps in the garden " * 4)
    page.locator(".tokens button").first.click()
    assert page.locator(".others .bars li").count() == 5
    assert_no_scroll_sideways(page)
    assert_no_serious_violation(page)
    assert said == []
    page.context.close()


@pytest.mark.usefixtures("within")
def test_record_and_leak_check_know_both_graphs() -> None:
    record = Exported.load()
    assert record is not None
    assert (record.task, record.whole, record.left_out) == ("translation", True, [])
    (model,) = record.models
    assert model.difference < 1e-4
    for name in (f"model-base-{model.fold}-0.js", f"model-base-{model.fold}-encoder-0.js"):
        with pytest.raises(Fault, match="trained weights in the demo"):
            check([DEMO / "parts" / name])


@pytest.mark.usefixtures("within")
def test_of_several_models_one_translates(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Chosen(Exception):
        """The trained folds that would be exported."""

    def refuse(task: Any, contract: Any, chosen: Any, int8: bool) -> None:
        raise Chosen([(one.member, one.fold) for one in chosen])

    scores = Scores.load()
    assert scores is not None
    base = scores.members["base"]
    (fold,) = base.trained
    both = replace(scores, members={"base": base, "other": base})
    monkeypatch.setattr(Scores, "load", lambda: both)
    monkeypatch.setattr(exporting, "_export_all", refuse)
    shutil.copytree("runs/base", "runs/other")
    with pytest.raises(Chosen) as chosen:
        export(None, None)
    shutil.rmtree("runs/other")
    assert chosen.value.args == ([("base", fold)],)
    assert "runs only one of these models" in " ".join(capsys.readouterr().err.split())
