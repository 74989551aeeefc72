"""The project's name and authors from pyproject.toml, and its git repository."""

import os
import re
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

from compete.errors import Fault
from compete.files import git

_PAGES = "compete.pages"


@dataclass(frozen=True)
class Metadata:
    """The section `project` of pyproject.toml, as far as it is shown; `authors` are names."""

    name: str
    version: str
    description: str
    license: str
    authors: list[str]


def load_metadata() -> Metadata:
    """Read the section `project` of pyproject.toml."""
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    return Metadata(
        name=project["name"],
        version=project["version"],
        description=project.get("description", ""),
        license=project.get("license", ""),
        authors=[author["name"] for author in project.get("authors", [])],
    )


def require_repository() -> None:
    """Raise `Fault` if git is not installed, or can't read a repository here."""
    if not shutil.which("git"):
        raise Fault("git is not installed.", "Install it from https://git-scm.com.")
    words = ["git", "rev-parse", "--git-dir"]
    done = subprocess.run(
        words, capture_output=True, encoding="utf-8", env=os.environ | {"LC_ALL": "C"}
    )
    if done.returncode:
        says = done.stderr.strip().partition("\n")[0].removeprefix("fatal: ").rstrip(".:")
        if says.startswith("not a git repository"):
            raise Fault("There is no git repository here.", "Create one: `git init -b main`.")
        raise Fault(f"git can't read this folder: {says}.", "Run `git status` to see why.")


def origin_url() -> str:
    """Return the address of `origin` for a browser, or nothing if it has none."""
    return browser_url(git("remote", "get-url", "origin"))


def pages_url(name: str) -> str:
    """Return where GitHub shows the pages of a repository, of the form OWNER/NAME."""
    owner, _, repository = name.partition("/")
    return f"https://{owner}.github.io/{repository}/".lower()


def set_pages(shown: bool) -> None:
    """Keep in this clone's git configuration whether GitHub shows the pages of `origin`."""
    git("config", _PAGES, str(shown).lower())


def shows_pages(readme: str) -> bool:
    """Return whether GitHub shows the pages of `origin`, as it does not of private repositories.

    Args:
        readme: the README; in a clone of a project that was published it links them.
    """
    name = github_name(origin_url())
    known = git("config", "--get", _PAGES)
    return bool(name) and (known == "true" if known else pages_url(name) in readme)


def github_name(url: str) -> str:
    """Return OWNER/NAME of an address on GitHub, empty for any other address."""
    found = re.search(r"github\.com[:/]([^/]+/[^/]+?)(\.git)?/?$", url)
    return found[1] if found else ""


def without_login(text: str) -> str:
    """Return a text whose addresses hold no name or token any more."""
    return re.sub(r"//[^/@\s]*@", "//", text)


def browser_url(remote: str) -> str:
    """Return the address of a git remote for a browser, or nothing if it has none.

    Credentials inside the address are left out, since the result is published.
    """
    plain = re.sub(r"^(?:ssh://)?git@([^:/]+)[:/]", r"https://\1/", remote)
    plain = without_login(plain).removesuffix(".git")
    return plain if plain.startswith("https://") else ""
