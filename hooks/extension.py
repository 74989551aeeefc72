"""What a template's Jinja extension adds to cookiecutter: filters, and a check before it writes."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cookiecutter.exceptions import FailedHookException
from jinja2 import Environment

from . import git

Answers = Mapping[str, Any]
AnswerErrors = Callable[[Answers], dict[str, list[str]]]

ROOT = Path(__file__).resolve().parent.parent
PROJECT_FOLDER = "{{cookiecutter.project_slug}}"
GIT_SETTINGS = {"author_name": "user.name", "author_email": "user.email"}


def refuse(*lines: str) -> FailedHookException:
    """Return the exception whose message cookiecutter prints without a traceback."""
    return FailedHookException("\n".join(["Nothing was written. " + lines[0], *lines[1:]]))


def add_filters(environment: Environment, answer_errors: AnswerErrors) -> None:
    """Add the filters that `cookiecutter.json` and `post_gen_project.py` use.

    Each takes `cookiecutter`, the answers so far:
    `checked_answers` returns "yes", or refuses all bad answers by name;
    `git_default(name)` returns git's own value for an answer, empty if there is no good one;
    `handed_to_hook` returns JSON with the answers and the repository's root.
    """

    def checked_answers(answers: Answers) -> str:
        errors = answer_errors(answers)
        if errors:
            raise refuse(
                "Please change these answers:",
                *(f"  {name}: {answers[name]!a} {'; it '.join(errors[name])}." for name in errors),
            )
        return "yes"

    def git_default(answers: Answers, name: str) -> str:
        value = git.user_setting(GIT_SETTINGS[name])
        return "" if name in answer_errors({**answers, name: value}) else value

    def handed_to_hook(answers: Answers) -> str:
        return json.dumps({"root": str(ROOT), "answers": answers})

    for function in (checked_answers, git_default, handed_to_hook):
        environment.filters[function.__name__] = function


def preprocess(source: str, name: str | None) -> str:
    """Return a template's source, with a check of the answers before the project's folder is named.

    A replay asks no question and renders nothing of `cookiecutter.json`: the folder's name is the
    first thing that cookiecutter renders, and the last before it writes.

    Args:
        source: The text that Jinja is about to compile.
        name: The name of its file, None for a bare string.

    Raises:
        FailedHookException: The text is an answer that holds template code: cookiecutter renders
            the answers given on its command line.
    """
    if name is None and source == PROJECT_FOLDER:
        return "{% if cookiecutter | checked_answers %}" + source + "{% endif %}"
    if name is None and re.search(r"{[{%#]", source) and "cookiecutter" not in source:
        raise refuse(f"An answer contains template code: {source!a}. Remove it.")
    return source
