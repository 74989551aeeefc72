"""The template `competition`: what its good answers are, and how a new project is finished."""

import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment

from . import answers as check
from . import engine, notebooks, project
from .extension import add_filters, preprocess, refuse

__all__ = ["answer_errors", "extend", "finish", "preprocess"]


def extend(environment: Environment) -> None:
    """Add this template's filters to cookiecutter's environment.

    Raises:
        FailedHookException: The template is incomplete.
    """
    if engine.is_missing():
        raise refuse(f"The engine is missing: {engine.SOURCE}. Get the whole repository again.")
    add_filters(environment, answer_errors)


def answer_errors(answers: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what is wrong with each bad answer, as sentences without their subject.

    Args:
        answers: The answers by name, with the template's private variables. A question that isn't
            answered yet may be left out.
    """
    checks: dict[str, check.Check] = {
        "competition": _competition,
        "project_name": check.line(100),
        "project_slug": check.project_slug,
        "package_name": check.package_name,
        "description": check.line(300),
        "author_name": check.line(100, also_forbidden=",;@"),
        "author_email": check.email,
        "github_username": check.github_username,
        "dvc_remote": lambda text: _dvc_remote(text, answers["_dvc_extras"]),
    }
    errors = check.errors(answers, checks)
    metrics = answers.get("_task_metrics", {}).get(answers.get("task"))
    if metrics is not None and answers.get("metric", "auto") not in ("auto", *metrics):
        fitting = ", ".join(["auto", *metrics])
        errors["metric"] = [f"does not fit the task {answers['task']}: use {fitting}"]
    return errors


def _competition(text: str) -> Iterator[str]:
    if "/" in text:
        yield "is an address: give only its last part, such as digit-recognizer"
    elif not check.is_slug(text, 100) or "." in text or "_" in text:
        yield "is not the name of a Kaggle competition, such as digit-recognizer"


def _dvc_remote(text: str, schemes: Mapping[str, str]) -> Iterator[str]:
    scheme, found, rest = text.partition("://")
    if not text:
        return
    if (
        not re.fullmatch(r"[A-Za-z0-9._~:/@+%=-]+(?: +[A-Za-z0-9._~:/@+%=-]+)*", text)
        or len(text) > 500
    ):
        yield (
            "may contain letters, digits, inner spaces and . _ ~ : / @ + % = - only; write D:/store"
            " for a folder on Windows, and put keys and tokens in .dvc/config.local, never here"
        )
    elif found and scheme not in schemes:
        yield f"has an address that DVC does not know: use one of {', '.join(schemes)}, or a folder"
    elif found and not rest.strip("/"):
        yield "has nothing after '://': add the bucket or the host, and the path"
    elif found and re.match(r"[^/]*:[^/]*@", rest):
        yield "contains a password: put it in .dvc/config.local, which git ignores"
    elif not found and not re.match(r"/|[A-Za-z]:/|\.\./", text):
        yield "must be a full path, or begin with ../ so that the data lies outside the project"


def finish(script: str, answers: Mapping[str, Any]) -> None:
    """Finish the project in the current folder, and print in three lines what to do next.

    cruft runs this in temporary folders at every update: it is quick, offline and safe to repeat.

    Args:
        script: The rendered hook, which cookiecutter would leave in the temporary folder.
        answers: The template's answers.
    """
    Path(script).unlink()
    lay_overlay(answers["task"])
    engine.copy_engine()
    notebooks.write_notebooks(answers)
    project.drop_caches()
    if answers["license"] == "None":
        Path("LICENSE").unlink(missing_ok=True)
    project.say_next(
        project.make_repository(answers),
        "uv sync                  installs everything; commit the uv.lock that it writes",
        "uv run compete doctor    checks the connection to Kaggle; then: uv run dvc repro",
    )


def lay_overlay(task: str) -> None:
    """Move a task's files over the common tree, then drop what is left of all tasks."""
    overlay = Path("tasks", task)
    for source in sorted(path for path in overlay.rglob("*") if path.is_file()):
        target = source.relative_to(overlay)
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)
    shutil.rmtree("tasks")
