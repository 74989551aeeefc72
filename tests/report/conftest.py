"""Fixtures: the report of a whole journey through a practice competition, and a browser."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from materialise import change
from playwright.sync_api import Browser
from screenshot import browser, chromium
from support import Project, Render, enter, outside_environment

# For each task its practice competition, and params that make the journey as short as it may be.
JOURNEYS: dict[str, tuple[str, dict[str, Any]]] = {
    "image": (
        "digits",
        {
            "data.folds": 2,
            "data.image_size": 32,
            "data.test_time_augmentation": False,
            "model.backbone": "test_efficientnet",
            "model.weights": "none",
            "trainer.max_epochs": 1,
        },
    ),
    "tabular": (
        "wine",
        {"data.folds": 2, "model.width": 32, "model.trees": 30, "trainer.max_epochs": 2},
    ),
    "text": (
        "languages",
        {
            "data.folds": 2,
            "data.max_length": 24,
            "model.backbone": "bert",
            "model.weights": "none",
            "trainer.max_epochs": 1,
        },
    ),
    "translation": (
        "french",
        {
            "data.folds": 2,
            "data.max_length": 24,
            "model.backbone": "t5",
            "model.weights": "none",
            "model.beams": 1,
            "trainer.max_epochs": 1,
        },
    ),
}


@dataclass(frozen=True)
class Journey:
    """A project that went all the way, and the address of its page."""

    project: Project

    @property
    def page(self) -> str:
        return (self.project.path / "reports" / "index.html").as_uri()


# The gate takes one; `pytest -m every_task tests/report` the others, minutes each.
PARAMS = [
    name if name == "image" else pytest.param(name, marks=pytest.mark.every_task)
    for name in JOURNEYS
]


@pytest.fixture(scope="session", params=PARAMS)
def journey(
    request: pytest.FixtureRequest,
    render: Render,
    sync: Callable[[Path], Project],
    tmp_path_factory: pytest.TempPathFactory,
) -> Journey:
    """From the template to a submission with its score, and to the report of it."""
    name, params = JOURNEYS[request.param]
    practice = tmp_path_factory.mktemp("practice") / name
    program = Path(sys.executable).with_name("practice-kaggle")
    subprocess.run([program, "make", name, practice], check=True, env=outside_environment())
    slug = re.search(r"^slug: *(\S+)", (practice / "competition.yaml").read_text("utf-8"), re.M)
    assert slug
    path = render(task=request.param, competition=slug[1], project_slug=f"{request.param}-page")
    change(path, params)
    project = sync(path)
    enter(project, practice)
    project.run("dvc", "repro")  # the page tells of the score now
    return Journey(project)


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    """The Chromium or Chrome of this machine."""
    if not chromium():
        pytest.skip("There is no Chromium or Chrome on this machine to open the page with.")
    with browser() as started:
        yield started
