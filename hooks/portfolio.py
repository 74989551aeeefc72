"""The template `portfolio`: what its good answers are, and how a new portfolio is finished."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment

from . import answers as check
from . import engine, project
from .extension import add_filters, preprocess, refuse

__all__ = ["answer_errors", "extend", "finish", "preprocess"]

PACKAGE = engine.SITE_BUILDER


def extend(environment: Environment) -> None:
    """Add this template's filters to cookiecutter's environment.

    Raises:
        FailedHookException: The template is incomplete.
    """
    if engine.is_missing(PACKAGE):
        raise refuse(f"{PACKAGE} is missing. Get the whole repository again.")
    add_filters(environment, answer_errors)


def answer_errors(answers: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what is wrong with each bad answer, as sentences without their subject.

    Args:
        answers: The answers by name. A question that isn't answered yet may be left out.
    """
    checks: dict[str, check.Check] = {
        "author_name": check.line(100, also_forbidden=",;@"),
        "author_email": check.email,
        "github_username": check.github_username,
        "headline": check.line(120),
        "project_slug": check.project_slug,
        "first_project": _first_project,
    }
    return check.errors(answers, checks)


def _first_project(text: str) -> Iterator[str]:
    if not text:
        return
    yield from check.line(500)(text)
    if "://" in text and not text.startswith("https://"):
        yield "is not an https address: give one, or a folder"


def finish(script: str, answers: Mapping[str, Any]) -> None:
    """Finish the portfolio in the current folder, and print in three lines what to do next.

    Args:
        script: The rendered hook, which cookiecutter would leave in the temporary folder.
        answers: The template's answers.
    """
    Path(script).unlink()
    engine.copy_engine(PACKAGE)
    project.drop_caches()
    project.say_next(
        project.make_repository(answers),
        "uv sync                  installs the builder; commit the uv.lock that it writes",
        "uv run portfolio build   writes site/index.html; projects.yaml says of which projects",
    )
