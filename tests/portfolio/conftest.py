"""Fixtures: a fresh portfolio, and one of three projects of which one is broken, built."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from cookiecutter.main import cookiecutter
from project_cards import NEW_CARD, OLD_CARD, write_project
from support import REPOSITORY, outside_environment

TEMPLATE = REPOSITORY / "template" / "portfolio"
RenderPortfolio = Callable[..., Path]


@pytest.fixture(scope="session")
def render_portfolio(
    cookiecutter_config: Path, tmp_path_factory: pytest.TempPathFactory
) -> RenderPortfolio:
    """Return a function that renders a fresh portfolio: `render_portfolio(headline="...")`."""

    def render(into: Path | None = None, **answers: str) -> Path:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
            patch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
            return Path(
                cookiecutter(
                    str(TEMPLATE),
                    no_input=True,
                    extra_context=answers,
                    output_dir=str(into or tmp_path_factory.mktemp("portfolio")),
                    config_file=str(cookiecutter_config),
                )
            )

    return render


@dataclass(frozen=True)
class Built:
    """A portfolio's folder, what building it said, and the seconds that it took."""

    folder: Path
    said: str
    seconds: float

    def address(self, page: str) -> str:
        """Return the address of a page of the site."""
        return (self.folder / "site" / page).as_uri()


@pytest.fixture(scope="session")
def built(render_portfolio: RenderPortfolio, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A fresh portfolio of three projects, one of them broken, built by its command."""
    folder = tmp_path_factory.mktemp("three")
    write_project(folder / "prices", NEW_CARD)
    write_project(folder / "digits", OLD_CARD)
    write_project(folder / "broken", "{")
    portfolio = render_portfolio(folder, first_project="../prices")
    with (portfolio / "projects.yaml").open("a", encoding="utf-8") as file:
        file.write("  - ../broken\n  - ../digits\n")
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "portfolio_site", "build"],
        cwd=portfolio,
        env=outside_environment(),
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return Built(portfolio, done.stdout + done.stderr, time.monotonic() - start)
