"""What is asked of git: whose name it signs with, and a new project's first commit."""

import os
import subprocess
from collections.abc import Mapping

FIRST_COMMIT = "Start from cookiecutter-kaggle-portfolio"
BY_HAND = f'git init -b main, git add ., git commit -m "{FIRST_COMMIT}"'


def user_setting(key: str) -> str:
    """Return a setting such as `user.name` from git's configuration, empty if there is none.

    A repository around the current folder has no say: the project gets a repository of its own.
    """
    try:
        done = subprocess.run(
            ["git", "config", "--get", key],
            env=os.environ | {"GIT_DIR": os.devnull},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            timeout=20,
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""
    return done.stdout.removesuffix("\n") if done.returncode == 0 else ""


def first_commit(answers: Mapping[str, str]) -> bool:
    """Make a repository of the current folder with one commit by its author.

    Args:
        answers: The template's answers, of which `author_name` and `author_email` are used.

    Returns:
        False if git is missing or fails.
    """
    # In the hook of another repository, these variables name that repository.
    env = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("GIT_") or "CONFIG" in key
    }
    settings = {
        "user.name": answers["author_name"],
        "user.email": answers["author_email"],
        "commit.gpgSign": "false",
        "core.hooksPath": ".git/no-hooks",
        "core.safecrlf": "false",
    }
    options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    steps = (
        ["init", "--quiet"],
        ["symbolic-ref", "HEAD", "refs/heads/main"],
        ["add", "--all"],
        ["commit", "--quiet", "--message", FIRST_COMMIT],
    )
    try:
        for step in steps:
            subprocess.run(["git", *options, *step], env=env, check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True
