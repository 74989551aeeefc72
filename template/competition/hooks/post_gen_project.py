"""Finishes a new project: its task's files, its licence, its git repository, and what to do next.

cruft runs this again in temporary folders at every update: it is quick, offline and safe to repeat.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

ANSWERS = json.loads(r"""{{ cookiecutter | tojson }}""")
# cruft compares two renderings file by file, so there must be no repository inside them, and it
# writes .cruft.json after this hook, which the first commit has to hold.
BY_CRUFT = "_commit" in ANSWERS
FIRST_COMMIT = "Start from cookiecutter-kaggle-portfolio"


def lay_overlay(task: str) -> None:
    """Move a task's files over the common tree, and those it shares with other tasks before them;
    then drop what is left of all tasks."""
    for name in (*ANSWERS["_task_shares"].get(task, []), task):
        overlay = Path("tasks", name)
        for source in sorted(path for path in overlay.rglob("*") if path.is_file()):
            target = source.relative_to(overlay)
            target.parent.mkdir(parents=True, exist_ok=True)
            source.replace(target)
    shutil.rmtree("tasks")


def drop_caches() -> None:
    """Drop what running and checking the template's code in place left beside it."""
    for pattern in (".*_cache", "src/**/__pycache__", "tests/**/__pycache__"):
        for folder in sorted(Path().glob(pattern)):
            shutil.rmtree(folder)


def commit() -> bool:
    """Make a git repository with a first commit; return False where git cannot do it."""
    # Run from within another repository's hook, git would take that repository for ours.
    env = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("GIT_") or "CONFIG" in key
    }
    identity = {
        "user.name": ANSWERS["author_name"],
        "user.email": ANSWERS["author_email"],
        "commit.gpgSign": "false",
        "core.hooksPath": ".git/no-hooks",
        "core.safecrlf": "false",
    }
    settings = [part for key, value in identity.items() for part in ("-c", f"{key}={value}")]
    steps = (
        ["init", "--quiet"],
        ["symbolic-ref", "HEAD", "refs/heads/main"],
        ["add", "--all"],
        ["commit", "--quiet", "--message", FIRST_COMMIT],
    )
    try:
        for step in steps:
            subprocess.run(["git", *settings, *step], env=env, check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def main() -> None:
    """Run every step, then say in three lines what to do next."""
    lay_overlay(ANSWERS["task"])
    drop_caches()
    if ANSWERS["license"] == "None":
        Path("LICENSE").unlink(missing_ok=True)
    folder = f"cd {ANSWERS['project_slug']}"
    by_hand = f'git init -b main, git add ., git commit -m "{FIRST_COMMIT}"'
    if BY_CRUFT:
        folder = f"{folder}, and if it is new: {by_hand}"
    elif not Path(".git").exists() and not commit():
        print("There is no git repository yet: git is missing or could not make one.")
        folder = f"{folder}; once git is there: {by_hand}"
    if not shutil.which("uv"):
        print("uv is missing. To install it: python -m pip install uv")
    print(f"1. {folder}")
    print("2. uv sync                  installs everything; commit the uv.lock that it writes")
    print("3. uv run compete doctor    checks the way to Kaggle; then: uv run dvc repro")


if __name__ == "__main__":
    main()
