"""Generate an example's project: the template with the example's answers, then its author's files.

uv run python examples/materialise.py digit-recognizer ../digit-recognizer
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml
from cookiecutter.main import cookiecutter

EXAMPLES = Path(__file__).resolve().parent
TEMPLATE = EXAMPLES.parent / "template" / "competition"


def materialise(example: str, folder: Path, changes: dict[str, Any]) -> None:
    """Write the project of an example, whole or not at all.

    Args:
        example: a folder of `examples/`.
        folder: where the project goes; new or empty.
        changes: keys of its params.yaml with new values, such as `{"data.folds": 2}`.

    Raises:
        SystemExit: there is no such example or no such key, or `folder` is taken.
    """
    source = EXAMPLES / example
    if not (source / "answers.yaml").exists():
        known = ", ".join(sorted(path.parent.name for path in EXAMPLES.glob("*/answers.yaml")))
        sys.exit(f"error: There is no example {example!r}. Choose one of: {known}.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        sys.exit(f"error: {folder} is not empty. Name another folder, or remove it.")
    answers = yaml.safe_load((source / "answers.yaml").read_text(encoding="utf-8"))
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as beside:
        config = Path(beside, "config.yaml")  # keeps cookiecutter's notes out of the user's home
        config.write_text(yaml.safe_dump({"replay_dir": beside}), encoding="utf-8")
        made = cookiecutter(
            str(TEMPLATE),
            no_input=True,
            extra_context=answers["default_context"],
            config_file=str(config),
            output_dir=beside,
        )
        shutil.copytree(source / "files", made, dirs_exist_ok=True)
        if changes:
            change(Path(made), changes)
        commit(Path(made), "Choose a model for this competition")
        if folder.exists():
            folder.rmdir()
        Path(made).replace(folder)


def clean_environment() -> dict[str, str]:
    """Return this process's variables, without those that tie uv to this repository.

    Output is unbuffered and 100 columns wide.
    """
    # Without bytecode files, each process would compile torch again.
    ours = ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "UV_PROJECT", "PYTHONDONTWRITEBYTECODE")
    kept = {key: value for key, value in os.environ.items() if key not in ours}
    return kept | {"PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", "COLUMNS": "100"}


def commit(project: Path, message: str) -> None:
    """Commit all changes as the author of the last commit; do nothing without a git history."""
    log = subprocess.run(
        ["git", "log", "-1", "--format=%an%n%ae"],
        cwd=project,
        capture_output=True,
        encoding="utf-8",
    )
    if log.returncode:
        return
    name, mail = log.stdout.splitlines()
    settings = (f"user.name={name}", f"user.email={mail}", "commit.gpgSign=false")
    git = ["git", *(part for setting in settings for part in ("-c", setting))]
    subprocess.run([*git, "add", "--all"], cwd=project, check=True)
    # It exits with 1 where nothing changed, which is fine.
    subprocess.run([*git, "commit", "--quiet", "-m", message], cwd=project, capture_output=True)


def change(project: Path, changes: dict[str, Any]) -> None:
    """Set keys of the project's params.yaml; its comments are lost.

    Args:
        project: its folder.
        changes: keys with new values, such as `{"data.folds": 2}`.

    Raises:
        SystemExit: params.yaml has no such key.
    """
    file = project / "params.yaml"
    params = yaml.safe_load(file.read_text(encoding="utf-8"))
    for key, value in changes.items():
        *sections, name = key.split(".")
        place = params
        for section in sections:
            place = place.get(section, {})
        if name not in place:
            sys.exit(f"error: params.yaml has no key {key}. Choose one that it has.")
        place[name] = value
    file.write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")


def main() -> None:
    """Write an example as the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("example", help="a folder in examples/ with answers.yaml")
    parser.add_argument("folder", type=Path, help="where the project goes; new or empty")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="changes")
    options = parser.parse_args()
    pairs = (text.partition("=") for text in options.changes)
    changes = {key: yaml.safe_load(value) for key, _, value in pairs}
    materialise(options.example, options.folder.resolve(), changes)


if __name__ == "__main__":
    main()
