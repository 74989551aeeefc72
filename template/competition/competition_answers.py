"""Refuses bad answers, each by its name, before cookiecutter has made a folder.

This is a Jinja extension and not a hook: before it runs the first hook, cookiecutter makes the
project's folder, wherever the answers lead it. cookiecutter.json renders the filter after the last
question, and hooks/pre_gen_project.py once more for a replay. Python loads this module once a
process, so an update by cruft may check the new template with the old module: keep the filter.
"""

import keyword
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cookiecutter.exceptions import FailedHookException
from jinja2 import Environment
from jinja2.ext import Extension

Answers = Mapping[str, Any]

# Import names that the project or its tools use: a package of the same name would hide them.
IMPORTED = frozenset(
    """
    PIL anyio attr attrs certifi click compete data datasets docs dvc dvclive filelock fsspec
    git hatchling hydra huggingface_hub importlinter jinja2 joblib jsonargparse kaggle kagglesdk
    lightning lightning_fabric lightning_utilities matplotlib mlflow mypy networkx notebooks
    numpy omegaconf onnx onnxruntime optuna packaging pandas pil pip polars pre_commit
    predictions psutil pyarrow pydantic pygments pytest pytorch_lightning reports requests rich
    ruff runs safetensors scipy setuptools six sklearn src submissions sympy tensorboard tests
    timm tokenizers torch torchaudio torchmetrics torchvision tqdm transformers typer urllib3 uv
    wandb yaml
    """.split()  # noqa: SIM905 -- a list would take 80 lines
)
# The same for the names under which these are installed.
INSTALLED = IMPORTED | {
    "huggingface-hub",
    "pillow",
    "pyyaml",
    "scikit-learn",
    "pre-commit",
    "import-linter",
}
WINDOWS_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))]
)
FORBIDDEN = '"\\`{}<>'  # they end a string, a tag or a placeholder in one of the files we render


def _slug(text: str, limit: int) -> bool:
    return len(text) <= limit and bool(
        re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", text)
    )


def _competition(text: str) -> Iterator[str]:
    if "/" in text:
        yield "is an address: give only its last part, such as digit-recognizer"
    elif not _slug(text, 100) or "." in text or "_" in text:
        yield "is not the name of a Kaggle competition, such as digit-recognizer"


def _project_slug(text: str) -> Iterator[str]:
    if not _slug(text, 64):
        yield "must be 1 to 64 letters, digits, '-', '_' or '.', a letter or digit first and last"
    elif ".." in text or text.lower().endswith((".git", ".lock")):
        yield "cannot be the name of a repository: leave out '..', and '.git' or '.lock' at its end"
    elif text.lower().partition(".")[0] in WINDOWS_DEVICES:
        yield "is the name of a device on Windows: choose another"
    elif re.sub(r"[._-]+", "-", text.lower()) in {
        re.sub("_", "-", name.lower()) for name in INSTALLED
    }:
        yield "is the name of a package that the project installs: choose another"


def _package_name(text: str) -> Iterator[str]:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", text):
        yield "must be 1 to 64 lower-case letters, digits or '_', a letter first"
    elif keyword.iskeyword(text):
        yield "is a word of Python's own grammar: choose another"
    elif text in sys.stdlib_module_names or text in IMPORTED or text in WINDOWS_DEVICES:
        yield "would hide a module of the same name: choose another"


def _line(limit: int, also_forbidden: str = "") -> Callable[[str], Iterator[str]]:
    def check(text: str) -> Iterator[str]:
        bad = sorted({char for char in text if char in FORBIDDEN + also_forbidden})
        if not text.isprintable():
            yield "holds a character that cannot be seen, such as a line break"
        if bad:
            yield f"holds {' '.join(bad)}: leave that out"
        if text != text.strip():
            yield "begins or ends with a space"
        if not any(char.isalnum() for char in text):
            yield "is empty: write at least one letter or digit"
        if len(text) > limit:
            yield f"is longer than {limit} characters"

    return check


def _author_email(text: str) -> Iterator[str]:
    atom = r"[A-Za-z0-9!#$%&'*+/=?^_|~-]+"
    label = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
    if len(text) > 254 or not re.fullmatch(rf"{atom}(?:\.{atom})*@{label}(?:\.{label})+", text):
        yield "is not an e-mail address, such as you@example.com"


def _github_username(text: str) -> Iterator[str]:
    if len(text) > 39 or not re.fullmatch(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*", text):
        yield "is not a user name on GitHub: up to 39 letters, digits and single hyphens"


def _dvc_remote(text: str, schemes: Mapping[str, str]) -> Iterator[str]:
    scheme, found, rest = text.partition("://")
    if not text:
        return
    if (
        not re.fullmatch(r"[A-Za-z0-9._~:/@+%=-]+(?: +[A-Za-z0-9._~:/@+%=-]+)*", text)
        or len(text) > 500
    ):
        yield (
            "may hold letters, digits, inner spaces and . _ ~ : / @ + % = - only; write D:/store"
            " for a folder on Windows, and put keys and tokens in .dvc/config.local, never here"
        )
    elif found and scheme not in schemes:
        yield f"has an address that DVC does not know: use one of {', '.join(schemes)}, or a folder"
    elif found and not rest.strip("/"):
        yield "has nothing after '://': add the bucket or the host, and the path"
    elif found and re.match(r"[^/]*:[^/]*@", rest):
        yield "holds a password: keep it out of git, in .dvc/config.local"
    elif not found and not re.match(r"/|[A-Za-z]:/|\.\./", text):
        yield "must be a full path, or begin with ../ so that the data lies outside the project"


def faults(answers: Answers) -> dict[str, list[str]]:
    """Return what is wrong with each bad answer, as sentences without their subject."""
    checks: dict[str, Callable[[str], Iterator[str]]] = {
        "competition": _competition,
        "project_name": _line(100),
        "project_slug": _project_slug,
        "package_name": _package_name,
        "description": _line(300),
        "author_name": _line(100, also_forbidden=",;@"),
        "author_email": _author_email,
        "github_username": _github_username,
        "dvc_remote": lambda text: _dvc_remote(text, answers["_dvc_extras"]),
    }
    found: dict[str, list[str]] = {}
    for name, check in checks.items():
        # A replay file may leave an answer out: it is asked for, and checked by the hook.
        if name in answers:
            answer = answers[name]
            found[name] = list(check(answer)) if isinstance(answer, str) else ["is not text"]
    metrics = answers["_task_metrics"].get(answers.get("task"))
    if metrics and answers.get("metric", "auto") not in ("auto", *metrics):
        found["metric"] = [
            f"does not fit the task {answers['task']}: use auto, {', '.join(metrics)}"
        ]
    return {name: reasons for name, reasons in found.items() if reasons}


def checked_answers(answers: Answers) -> str:
    """Return "yes", or raise what cookiecutter prints without a traceback: every fault."""
    found = faults(answers)
    if not found:
        return "yes"
    lines = [
        f"  {name}: {answers[name]!a} {'; it '.join(reasons)}." for name, reasons in found.items()
    ]
    raise FailedHookException(
        "\n".join(["Nothing was written. Please change these answers:", *lines])
    )


class CheckAnswers(Extension):
    """Gives cookiecutter's Jinja environment the filter `checked_answers`."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.filters["checked_answers"] = checked_answers

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Refuse a foreign template: cookiecutter renders answers given on its command line."""
        if name is None and re.search(r"{[{%#]", source) and "cookiecutter" not in source:
            raise FailedHookException(
                f"Nothing was written. An answer holds template code: {source!a}. Leave it out."
            )
        return source
