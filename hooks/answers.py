"""Checks of answers that several templates ask for.

A check yields what is wrong with an answer, as sentences without their subject.
"""

import keyword
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Check = Callable[[str], Iterator[str]]

# Import names that the project or its tools use: a package of the same name would hide them.
IMPORTED = frozenset(
    """
    PIL ale_py anyio attr attrs certifi click compete cv2 data datasets docs dvc dvclive filelock
    fsspec git gymnasium hatchling huggingface_hub hydra importlinter jinja2 joblib jsonargparse
    kaggle kaggle_environments kagglesdk lightning lightning_fabric lightning_utilities matplotlib
    mlflow mypy networkx notebooks numba numpy omegaconf onnx onnxruntime optuna packaging pandas
    pil pip polars pre_commit predictions psutil pyarrow pydantic pygments pytest pytorch_lightning
    reports requests rich ruff runs safetensors sb3_contrib scipy setuptools six sklearn src
    stable_baselines3 submissions sympy tensorboard tests timm tokenizers torch torch_fidelity
    torchaudio torchmetrics torchvision tqdm transformers typer urllib3 uv wandb yaml
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
    "portfolio-site",
}
WINDOWS_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))]
)
FORBIDDEN = '"\\`{}<>'  # they end a string, a tag or a placeholder in one of the files we render


def is_slug(text: str, limit: int) -> bool:
    """Return whether `text` can be the last part of an address, no longer than `limit`."""
    return len(text) <= limit and bool(
        re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", text)
    )


def project_slug(text: str) -> Iterator[str]:
    """Check the name of a project's folder and repository."""
    if not is_slug(text, 64):
        yield "must be 1 to 64 letters, digits, '-', '_' or '.', a letter or digit first and last"
    elif ".." in text or text.lower().endswith((".git", ".lock")):
        yield "cannot be the name of a repository: leave out '..', and '.git' or '.lock' at its end"
    elif text.lower().partition(".")[0] in WINDOWS_DEVICES:
        yield "is the name of a device on Windows: choose another"
    elif re.sub(r"[._-]+", "-", text.lower()) in {
        re.sub("_", "-", name.lower()) for name in INSTALLED
    }:
        yield "is the name of a package that the project installs: choose another"


def package_name(text: str) -> Iterator[str]:
    """Check the name of a Python package."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", text):
        yield "must be 1 to 64 lower-case letters, digits or '_', a letter first"
    elif keyword.iskeyword(text):
        yield "is a keyword of Python: choose another"
    elif text in sys.stdlib_module_names or text in IMPORTED or text in WINDOWS_DEVICES:
        yield "is the name of a Python module: choose another"


def line(limit: int, also_forbidden: str = "") -> Check:
    """Return the check of one line of text, at most `limit` characters long."""

    def check(text: str) -> Iterator[str]:
        bad = sorted({char for char in text if char in FORBIDDEN + also_forbidden})
        if not text.isprintable():
            yield "contains an invisible character, such as a line break"
        if bad:
            yield f"contains {' '.join(bad)}: remove that"
        if text != text.strip():
            yield "begins or ends with a space"
        if not any(char.isalnum() for char in text):
            yield "is empty: write at least one letter or digit"
        if len(text) > limit:
            yield f"is longer than {limit} characters"

    return check


def email(text: str) -> Iterator[str]:
    """Check an e-mail address."""
    atom = r"[A-Za-z0-9!#$%&'*+/=?^_|~-]+"
    label = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
    if len(text) > 254 or not re.fullmatch(rf"{atom}(?:\.{atom})*@{label}(?:\.{label})+", text):
        yield "is not an e-mail address, such as you@example.com"


def github_username(text: str) -> Iterator[str]:
    """Check the name of a user or an organisation on GitHub."""
    if len(text) > 39 or not re.fullmatch(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*", text):
        yield "is not a GitHub username: up to 39 letters, digits and single hyphens"


def errors(answers: Mapping[str, Any], checks: Mapping[str, Check]) -> dict[str, list[str]]:
    """Return what each check finds, for answers in which it finds something.

    An answer without a check is not looked at, and a check without an answer not run: a replay file
    may leave an answer out, which is then asked for.
    """
    found = {
        name: list(check(answers[name])) if isinstance(answers[name], str) else ["is not text"]
        for name, check in checks.items()
        if name in answers
    }
    return {name: reasons for name, reasons in found.items() if reasons}
