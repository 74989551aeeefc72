"""`compete publish`: the finished project on GitHub or any git server, by steps that each check
first whether they are done; so the same command finishes what was interrupted, or does nothing."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..competition import Contract
from ..errors import Fault
from ..files import git, note
from . import guard
from .facts import address, project_metadata

_AGAIN = "Run the same command again: it goes on from there."
_ASSETS = ("MODEL_CARD.md", "reports/index.html", "reports/card.json")


@dataclass(frozen=True)
class Step:
    """Something to be done once: what, whether it is done, and how."""

    what: str
    done: Callable[[], bool]
    do: Callable[[], object]


def publish(remote: str | None, public: bool, dry_run: bool) -> None:
    """Push the project, and on GitHub describe it, show its report and release it.

    Args:
        remote: the address of a git repository; by default `origin`, else a new one on GitHub.
        public: make the repository on GitHub public; else it is private, or stays as it is.
        dry_run: only say what would be done.

    Raises:
        Fault: something must not be published, is not committed, or a step fails.
    """
    branch = git("symbolic-ref", "--short", "HEAD")
    if not branch:
        raise Fault("There is no branch to push.", "Make one: `git switch -c main`.")
    if git("status", "--porcelain"):
        raise Fault(
            "Some changes are not committed.", "Commit them: `git add --all`, `git commit`."
        )
    note("Looking for what must not be published ...")
    guard.check()
    for step in _steps(remote, public, branch):
        if step.done():
            note(f"  done before: {step.what}")
        elif dry_run:
            note(f"  would now: {step.what}")
        else:
            note(f"  now: {step.what}")
            step.do()
    if not dry_run:
        note(f"Published: {address(git('remote', 'get-url', 'origin')) or 'pushed to origin'}")


def _steps(remote: str | None, public: bool, branch: str) -> list[Step]:
    origin = git("remote", "get-url", "origin")
    if remote and origin and remote != origin:
        raise Fault(
            f"This project is pushed to {address(origin) or 'another place'} already.",
            "To move it: `git remote set-url origin ADDRESS`.",
        )
    push = Step(f"push {branch}", lambda: _pushed(branch), lambda: _push(branch))
    where = remote or origin
    if where and "github.com" not in where:
        note("  Not on GitHub: no description, no page, no release.")
        add = Step(f"name {where} as origin", lambda: bool(origin), lambda: _add_origin(where))
        return [add, push]
    _require_gh()
    name = _full_name(where)
    return [*_repository(name, public), push, *_around(name, public)]


def _repository(name: str, public: bool) -> list[Step]:
    """The repository on GitHub, and its address here."""
    kind = "public" if public else "private"
    create = ("repo", "create", name, f"--{kind}")
    show = ("repo", "edit", name, "--visibility", "public")
    steps = [
        Step(
            f"create the {kind} repository {name}", lambda: bool(_view(name)), lambda: _gh(*create)
        ),
        Step(
            "name it as origin",
            lambda: bool(git("remote", "get-url", "origin")),
            lambda: _add_origin(f"{_view(name)['url']}.git"),
        ),
    ]
    if public:
        consequences = "--accept-visibility-change-consequences"
        is_public = Step(
            "make it public",
            lambda: _view(name).get("visibility") == "PUBLIC",
            lambda: _gh(*show, consequences),
        )
        steps.append(is_public)
    return steps


def _around(name: str, public: bool) -> list[Step]:
    """What GitHub shows around the files: description, topics, the page, a release."""
    project, contract = project_metadata(), Contract.load()
    owner, _, repository = name.partition("/")
    visible = public or _view(name).get("visibility") == "PUBLIC"
    home = f"https://{owner}.github.io/{repository}/".lower() if visible else ""
    topics = {"kaggle", "deep-learning", "pytorch", re.sub(r"[^a-z0-9-]", "-", contract.slug)}
    about = {"description": project["description"], "homepageUrl": home}
    tag = f"v{project['version']}"
    words = [part for topic in sorted(topics) for part in ("--add-topic", topic)]

    def described() -> bool:
        seen = _view(name)
        there = {topic["name"] for topic in seen.get("repositoryTopics") or []}
        same = all((seen.get(key) or "") == value for key, value in about.items())
        return same and topics <= there

    describe = ("--description", project["description"], "--homepage", home, *words)
    pages = ("api", "--method", "POST", f"repos/{name}/pages", "-f", "build_type=workflow")
    steps = [Step("describe it", described, lambda: _gh("repo", "edit", name, *describe))]
    if visible:
        shown = Step(
            "show the report as its page", lambda: _works("api", pages[3]), lambda: _gh(*pages)
        )
        steps.append(shown)
    else:
        note("  The repository is private: its report is not shown as a page (--public does).")
    release = ("release", "create", tag, "--repo", name, "--title", f"{project['name']} {tag}")
    assets = [path for path in _ASSETS if Path(path).exists()]
    text = ("--notes-file", "MODEL_CARD.md") if "MODEL_CARD.md" in assets else ("--notes", tag)
    note("  Weights stay out of the release: nothing states that they may be shared.")
    make = Step(
        f"release {tag}",
        lambda: _works("release", "view", tag, "--repo", name),
        lambda: _gh(*release, *text, "--target", git("rev-parse", "HEAD"), *assets),
    )
    return [*steps, make]


def _full_name(where: str) -> str:
    """OWNER/NAME of an address on GitHub, else of the account that gh is signed in with."""
    found = re.search(r"github\.com[:/]([^/]+/[^/]+?)(\.git)?/?$", where)
    if found:
        return found[1]
    return f"{_gh('api', 'user', '--jq', '.login').strip()}/{project_metadata()['name']}"


def _require_gh() -> None:
    if not shutil.which("gh"):
        raise Fault(
            "GitHub's command gh is missing.",
            "Install it from https://cli.github.com, or push elsewhere: --remote ADDRESS.",
        )
    if not _works("auth", "status"):
        raise Fault("gh is not signed in to GitHub.", "Run `gh auth login`.")


def _view(name: str) -> dict[str, Any]:
    """What GitHub says of the repository, nothing if there is none."""
    fields = "url,visibility,description,homepageUrl,repositoryTopics"
    done = _run_gh("repo", "view", name, "--json", fields)
    found: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 else {}
    return found


def _run_gh(*words: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("gh") or "gh"
    return subprocess.run([program, *words], capture_output=True, encoding="utf-8")


def _works(*words: str) -> bool:
    return _run_gh(*words).returncode == 0


def _gh(*words: str) -> str:
    done = _run_gh(*words)
    if done.returncode:
        said = " ".join(done.stderr.split())
        raise Fault(f"`gh {' '.join(words[:2])}` failed: {said}.", _AGAIN)
    return done.stdout


def _add_origin(where: str) -> None:
    git("remote", "add", "origin", where)


def _pushed(branch: str) -> bool:
    return git("ls-remote", "origin", f"refs/heads/{branch}").split("\t")[0] == git(
        "rev-parse", "HEAD"
    )


def _push(branch: str) -> None:
    words = ["git", "push", "--quiet", "--set-upstream", "origin", branch]
    done = subprocess.run(words, capture_output=True, encoding="utf-8")
    if done.returncode:
        raise Fault(f"The push failed: {' '.join(done.stderr.split())}.", _AGAIN)
