"""The `portfolio` command: gathers the projects and builds the site."""

import argparse
import os
import sys
from pathlib import Path

from portfolio_site.errors import Fault
from portfolio_site.gather import gather
from portfolio_site.profile import write_profile
from portfolio_site.settings import SETTINGS, read_settings
from portfolio_site.site import build_site


def build(folder: Path) -> Path:
    """Gather the projects and write `site/` and `profile/`; return the site's first page.

    Args:
        folder: the portfolio's.

    Raises:
        Fault: nothing can be shown.
    """
    settings = read_settings(folder / SETTINGS)
    projects, problems = gather(settings.projects, folder)
    for problem in [*settings.placeholders, *map(str, problems)]:
        _warn(problem)
    if settings.projects and not projects:
        raise Fault("None of the projects can be read.", "Fix one of the problems above.")
    page = build_site(settings, projects, folder)
    write_profile(settings, projects, folder)
    kinds = len(settings.projects)
    print(f"{len(projects)} of {kinds} projects: {page}")
    return page


def _warn(problem: str) -> None:
    """Say on stderr what is wrong with the settings or a project; GitHub shows it too."""
    print(f"warning: {problem}", file=sys.stderr)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        text = problem.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        print(f"::warning file={SETTINGS}::{text}")


def main() -> None:
    """Run `portfolio`; a foreseeable fault is one sentence with a remedy and exit code 1."""
    parser = argparse.ArgumentParser(
        prog="portfolio", description="Build a static site from your projects."
    )
    verbs = parser.add_subparsers(required=True, metavar="build")
    verbs.add_parser("build", help="read projects.yaml and write site/index.html and profile/")
    parser.parse_args()
    try:
        build(Path.cwd())
    except Fault as fault:
        print(f"error: {fault}", file=sys.stderr)
        raise SystemExit(1) from None
