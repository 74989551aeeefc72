"""The templates of the page and of the Markdown files."""

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from compete.portfolio.project_state import ProjectState

TEMPLATES = Path(__file__).parent / "templates"


def environment(autoescape: bool) -> Environment:
    """Return Jinja's environment for the templates; `autoescape` is for HTML."""
    loader = FileSystemLoader(TEMPLATES)
    env = Environment(loader=loader, autoescape=autoescape, trim_blocks=True)
    env.filters["escape_markdown"] = escape
    return env


def markdown(name: str, state: ProjectState, **values: Any) -> str:
    """Return a Markdown template filled in, without blank lines at its ends.

    Args:
        name: of the template.
        state: of the project.
        values: what else it needs.
    """
    template = environment(autoescape=False).get_template(name)
    return template.render(state=state, missing=state.missing(), **values).strip()


def escape(text: str) -> str:
    """Return plain text as Markdown that shows it."""
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", text)
