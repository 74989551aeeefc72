"""The report in a real browser, after an end-to-end run: visible, accessible, and true."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sacrebleu
from browser_checks import (
    assert_first_screen_fits,
    assert_no_scroll_sideways,
    assert_no_serious_violation,
)
from end_to_end import END_TO_END, EndToEndRun
from playwright.sync_api import Browser, ConsoleMessage, Page, Request
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score
from support import REPOSITORY

pytestmark = pytest.mark.slow


def _predictions(oof: pl.DataFrame) -> Any:
    return oof.select("^p_.*$").to_numpy().argmax(axis=1)


# The metrics of the end-to-end runs, by libraries that the projects do not measure with.
INDEPENDENT: dict[str, Callable[[pl.DataFrame], float]] = {
    "accuracy": lambda oof: accuracy_score(oof["target_0"], _predictions(oof)),
    "macro_f1": lambda oof: f1_score(oof["target_0"], _predictions(oof), average="macro"),
    "auc": lambda oof: roc_auc_score(oof["target_0"], oof.select("^p_.*$").to_numpy()[:, -1]),
    "chrf": lambda oof: (
        sacrebleu.corpus_chrf(oof["p_french"].to_list(), [oof["target_0"].to_list()]).score
    ),
}
PHONE, DESKTOP = 360, 1280
DRAWN = (
    "document.querySelectorAll('.chart svg').length == document.querySelectorAll('.chart').length"
)


@pytest.fixture(params=[(w, c) for w in (PHONE, DESKTOP) for c in ("light", "dark")], ids=str)
def opened(request: pytest.FixtureRequest, run: EndToEndRun, chrome: Browser) -> Iterator[Page]:
    """The page with its charts drawn; it must print nothing and request nothing."""
    width, scheme = request.param
    context = chrome.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, offline=True
    )
    page = context.new_page()
    said: list[str] = []

    def console(message: ConsoleMessage) -> None:
        said.append(message.text)

    def asked(request: Request) -> None:
        if not request.url.startswith(("data:", "blob:", run.page)):
            said.append(request.url)

    page.on("console", console)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", asked)
    page.goto(run.page)
    page.wait_for_function(DRAWN)
    yield page
    assert said == []
    context.close()


def test_every_figure_is_seen_and_nothing_scrolls_sideways(opened: Page) -> None:
    assert opened.locator(".chart").count() >= 6
    assert opened.locator("[data-row]").count() >= 10
    assert_no_scroll_sideways(opened)
    width = opened.evaluate("window.innerWidth")
    for place in opened.locator(".chart svg, .grid img, .gallery img").all():
        box = place.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 48
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    assert opened.evaluate("[...document.images].every(image => image.naturalWidth > 0)")
    marks = ".mark-rect path, .mark-symbol path, .mark-line path"
    for chart in opened.locator(".chart").all():
        assert chart.locator(marks).count() > 0


def test_the_first_screen_tells_it_all_without_scrolling(run: EndToEndRun, chrome: Browser) -> None:
    page = chrome.new_page(viewport={"width": 1366, "height": 768})
    page.goto(run.page)
    page.wait_for_function(DRAWN)
    assert_first_screen_fits(page, 768)
    card = json.loads((run.project.path / "reports/card.json").read_text("utf-8"))
    assert page.locator("h1").inner_text() == card["title"]
    assert page.locator(".findings li").all_inner_texts() == card["findings"]
    first = page.locator(".tiles data").first.get_attribute("value")
    assert float(first or "") == card["score"]
    page.close()


def test_axe_finds_no_serious_violation(opened: Page) -> None:
    assert_no_serious_violation(opened)


def test_the_page_fits_on_paper(run: EndToEndRun, chrome: Browser) -> None:
    page = chrome.new_page(viewport={"width": 1280, "height": 900})
    page.goto(run.page)
    page.wait_for_function(DRAWN)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 718, "height": 1000})  # A4 less its margins, in CSS pixels
    assert page.evaluate("document.documentElement.scrollWidth") <= 718
    assert len(page.pdf(format="A4")) > 10_000
    page.close()


def test_the_numbers_on_screen_are_those_of_the_predictions(
    run: EndToEndRun, chrome: Browser
) -> None:
    page = chrome.new_page()
    page.goto(run.page)
    shown = {
        key: (page.locator(f"data#{key}").inner_text(), page.locator(f"data#{key}"))
        for key in ("cv", "cv-rows", "public", "private", "rank")
    }
    exact = {key: float(place.get_attribute("value") or "") for key, (_, place) in shown.items()}
    root = run.project.path
    oof = pl.read_parquet(root / "predictions/blend/oof.parquet")
    cv = json.loads((root / "reports/metrics.json").read_text("utf-8"))["cv"]
    measure = INDEPENDENT[cv["metric"]]
    score = measure(oof)
    for fold, of_fold in enumerate(cv["folds"]):
        assert of_fold == pytest.approx(measure(oof.filter(fold=fold)), abs=1e-6)
    assert exact["cv"] == pytest.approx(score, abs=1e-6)  # torchmetrics computes in 32 bits
    assert shown["cv"][0] == f"{exact['cv']:.5f}"
    assert exact["cv-rows"] == oof.height
    entry = json.loads((root / "submissions/ledger.jsonl").read_text("utf-8").splitlines()[-1])
    for key in ("public", "private", "rank"):
        assert exact[key] == entry[key]
    assert page.locator("#standing .chart").count() == 1  # the leaderboard was kept
    page.close()


def test_every_task_has_an_end_to_end_run() -> None:
    template = REPOSITORY / "template" / "competition" / "cookiecutter.json"
    elsewhere = {"image", "simulation", "generative"}  # of the demo; in folders of their own
    assert elsewhere | set(END_TO_END) == set(
        json.loads(template.read_text(encoding="utf-8"))["task"]
    )


def test_a_run_leaves_the_cards_and_a_page_that_git_can_keep(run: EndToEndRun) -> None:
    project = run.project
    assert (project.path / "reports/index.html").stat().st_size < 2_000_000
    project.run("git", "add", "--all")
    project.run("pre-commit", "run", "--all-files", env={"SKIP": "mypy"})  # it runs elsewhere
    project.run("compete", "guard")
    kept = set(project.run("git", "ls-files").stdout.splitlines())
    cards = {"CITATION.cff", "MODEL_CARD.md", "reports/card.json", "reports/cv.txt"}
    assert cards | {"reports/index.html", "reports/plots/picture.svg"} <= kept
    assert "Nothing has been submitted yet" not in (project.path / "README.md").read_text("utf-8")


def test_a_picture_of_the_page_is_taken_by_a_command(
    run: EndToEndRun, chrome: Browser, tmp_path: Path
) -> None:
    picture = tmp_path / "page.png"
    program = REPOSITORY / "examples" / "screenshot.py"
    pictures = []
    for chapter in ([], ["--chapter", "errors"]):
        words = [sys.executable, str(program), str(run.project.path), str(picture)]
        subprocess.run([*words, *chapter], check=True)
        pictures.append(picture.read_bytes())
        assert pictures[-1].startswith(b"\x89PNG")
    assert pictures[0] != pictures[1]
