"""`compete publish`: the finished project on GitHub or any git server, by steps that each check
first whether they are done; so the same command finishes what was interrupted, or does nothing."""

import re
import subprocess

from ..competition import Contract
from ..errors import Fault
from ..files import git, note
from . import guard
from .facts import address, project_metadata
from .release import release_steps
from .steps import AGAIN, Step, gh, require_gh, seen


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
    require_gh()
    name = _full_name(where)
    return [*_repository(name, public), push, *_around(name, public)]


def _repository(name: str, public: bool) -> list[Step]:
    """The repository on GitHub, and its address here."""
    kind = "public" if public else "private"
    create = ("repo", "create", name, f"--{kind}")
    show = ("api", "--method", "PATCH", f"repos/{name}", "-F", "private=false")
    steps = [
        Step(
            f"create the {kind} repository {name}",
            lambda: bool(seen(f"repos/{name}")),
            lambda: gh(*create),
        ),
        Step(
            "name it as origin",
            lambda: bool(git("remote", "get-url", "origin")),
            lambda: _add_origin(seen(f"repos/{name}")["clone_url"]),
        ),
    ]
    if public:
        is_public = Step(
            "make it public",
            lambda: seen(f"repos/{name}").get("private") is False,
            lambda: gh(*show),
        )
        steps.append(is_public)
    return steps


def _around(name: str, public: bool) -> list[Step]:
    """What GitHub shows around the files: description, topics, the page, a release."""
    project, contract = project_metadata(), Contract.load()
    owner, _, repository = name.partition("/")
    visible = public or seen(f"repos/{name}").get("private") is False
    home = f"https://{owner}.github.io/{repository}/".lower() if visible else ""
    topics = {"kaggle", "deep-learning", "pytorch", re.sub(r"[^a-z0-9-]", "-", contract.slug)}
    about = {"description": project["description"], "homepage": home}
    words = [part for topic in sorted(topics) for part in ("--add-topic", topic)]

    def described() -> bool:
        now = seen(f"repos/{name}")
        same = all((now.get(key) or "") == value for key, value in about.items())
        return same and topics <= set(now.get("topics", ()))

    describe = ("--description", project["description"], "--homepage", home, *words)
    page = f"repos/{name}/pages"
    pages = ("api", "--method", "POST", page, "-f", "build_type=workflow")
    steps = [Step("describe it", described, lambda: gh("repo", "edit", name, *describe))]
    if visible:
        shown = Step("show the report as its page", lambda: bool(seen(page)), lambda: gh(*pages))
        steps.append(shown)
    else:
        note("  The repository is private: its report is not shown as a page (--public does).")
    return [*steps, *release_steps(name, project)]


def _full_name(where: str) -> str:
    """OWNER/NAME of an address on GitHub, else of the account that gh is signed in with."""
    found = re.search(r"github\.com[:/]([^/]+/[^/]+?)(\.git)?/?$", where)
    if found:
        return found[1]
    return f"{gh('api', 'user', '--jq', '.login').strip()}/{project_metadata()['name']}"


def _add_origin(where: str) -> None:
    git("remote", "add", "origin", where)


def _pushed(branch: str) -> bool:
    return git("ls-remote", "origin", f"refs/heads/{branch}").split("\t")[0] == git(
        "rev-parse", "HEAD"
    )


def _push(branch: str) -> None:
    # To GitHub as gh is signed in; other servers never see it.
    helper = "credential.https://github.com.helper=!gh auth git-credential"
    words = ["git", "-c", helper, "push", "--quiet", "--set-upstream", "origin", branch]
    done = subprocess.run(words, capture_output=True, encoding="utf-8")
    if done.returncode:
        raise Fault(f"The push failed: {' '.join(done.stderr.split())}.", AGAIN)
