"""`compete publish`: puts the finished project on GitHub or any git server.

It works in steps that each check first whether they are done, so the same command finishes what
was interrupted, or does nothing.
"""

import re
import subprocess

from compete.contract import Contract
from compete.errors import Fault
from compete.files import README, git, note
from compete.portfolio.github import RETRY, Step, get, gh, require_gh
from compete.portfolio.leak_check import check
from compete.portfolio.release import release_steps
from compete.portfolio.repository import (
    browser_url,
    github_name,
    load_metadata,
    origin_url,
    pages_url,
    require_repository,
    set_pages,
    without_login,
)

SILENT_SECONDS = 50  # after which git gives up a server


def publish(remote: str | None, public: bool, dry_run: bool) -> None:
    """Push the project, and on GitHub describe it, show its report and release it.

    Args:
        remote: the address of a git repository; by default `origin`, else a new one on GitHub.
        public: make the repository on GitHub public; without it, a new one is private.
        dry_run: only say what would be done.

    Raises:
        Fault: something must not be published, is not committed, or a step fails.
    """
    require_repository()
    branch = git("symbolic-ref", "--short", "HEAD")
    if not branch:
        raise Fault("There is no branch to push.", "Create one: `git switch -c main`.")
    if git("status", "--porcelain"):
        raise Fault(
            "Some changes are not committed.", "Commit them: `git add --all`, `git commit`."
        )
    if not git("rev-parse", "HEAD"):
        raise Fault(
            "There is no commit to push.", "Create one: `git add --all`, `git commit -m start`."
        )
    note("Checking for leaks ...")
    check()
    for step in _steps(remote, public, branch):
        if step.is_done():
            note(f"  already done: {step.what}")
        elif dry_run:
            note(f"  would: {step.what}")
        else:
            note(f"  now: {step.what}")
            step.run()
    if not dry_run:
        _remember_pages()
        note(f"Published: {origin_url() or 'pushed to origin'}")


def _steps(remote: str | None, public: bool, branch: str) -> list[Step]:
    origin = git("remote", "get-url", "origin")
    if remote and origin and remote != origin:
        raise Fault(
            f"This project is already pushed to {browser_url(origin) or 'another address'}.",
            "To move it: `git remote set-url origin ADDRESS`.",
        )
    push = Step(f"push {branch}", lambda: _is_pushed(branch), lambda: _push(branch))
    url = remote or origin
    if url and "github.com" not in url:
        note("  Not on GitHub: no description, page or release.")
        add = Step(
            f"add {without_login(url)} as origin", lambda: bool(origin), lambda: _add_origin(url)
        )
        return [add, push]
    require_gh()
    name = _full_name(url)
    return [*_repository_steps(name, public), push, *_presentation_steps(name, public, branch)]


def _repository_steps(name: str, public: bool) -> list[Step]:
    """Return the steps that create the repository on GitHub and make it `origin`."""
    visibility = "public" if public else "private"
    create = ("repo", "create", name, f"--{visibility}")
    make_public = ("api", "--method", "PATCH", f"repos/{name}", "-F", "private=false")
    steps = [
        Step(
            f"create the {visibility} repository {name}",
            lambda: bool(get(f"repos/{name}")),
            lambda: gh(*create),
        ),
        Step(
            "add it as origin",
            lambda: bool(git("remote", "get-url", "origin")),
            lambda: _add_origin(get(f"repos/{name}")["clone_url"]),
        ),
    ]
    if public:
        step = Step("make it public", lambda: _is_public(name), lambda: gh(*make_public))
        steps.append(step)
    return steps


def _was_skipped(workflow: str) -> bool:
    """Return whether a workflow has run, but never did its work."""
    runs = get(f"{workflow}/runs").get("workflow_runs", [])
    return bool(runs) and all(run["conclusion"] == "skipped" for run in runs)


def _presentation_steps(name: str, public: bool, branch: str) -> list[Step]:
    """Return the steps for what GitHub shows beside the files, from description to release."""
    metadata, contract = load_metadata(), Contract.load()
    visible = public or _is_public(name)
    home = pages_url(name) if visible else ""
    topics = {"kaggle", "deep-learning", "pytorch", re.sub(r"[^a-z0-9-]", "-", contract.slug)}
    about = {"description": metadata.description, "homepage": home}
    words = [part for topic in sorted(topics) for part in ("--add-topic", topic)]

    def is_described() -> bool:
        now = get(f"repos/{name}")
        same = all((now.get(key) or "") == value for key, value in about.items())
        return same and topics <= set(now.get("topics", ()))

    describe = ("--description", metadata.description, "--homepage", home, *words)
    page = f"repos/{name}/pages"
    enable = ("api", "--method", "POST", page, "-f", "build_type=workflow")
    steps = [Step("describe it", is_described, lambda: gh("repo", "edit", name, *describe))]
    if visible:
        publish_page = "publish the report as its page"
        steps.append(Step(publish_page, lambda: bool(get(page)), lambda: gh(*enable)))
        workflow = f"repos/{name}/actions/workflows/pages.yml"
        start = ("api", "--method", "POST", f"{workflow}/dispatches", "-f", f"ref={branch}")
        again = "deploy the page if that was skipped while the repository was private"
        steps.append(Step(again, lambda: not _was_skipped(workflow), lambda: gh(*start)))
    else:
        note("  The repository is private, so the report is not its page (see --public).")
    return [*steps, *release_steps(name, metadata)]


def _remember_pages() -> None:
    """Keep whether GitHub shows the pages, which `compete report` links if it does."""
    if not (name := github_name(origin_url())):
        return
    set_pages(shown := _is_public(name))
    if README.exists() and (pages_url(name) in README.read_text(encoding="utf-8")) != shown:
        what = "does not link the report's page" if shown else "links a page that is not shown"
        note(f"  {README} {what}: run `compete report`, commit, and publish again.")


def _is_public(name: str) -> bool:
    return get(f"repos/{name}").get("private") is False


def _full_name(url: str) -> str:
    """Return OWNER/NAME of an address on GitHub; of no address, what a new repository gets."""
    return (
        github_name(url) or f"{gh('api', 'user', '--jq', '.login').strip()}/{load_metadata().name}"
    )


def _add_origin(url: str) -> None:
    git("remote", "add", "origin", url)


def _is_pushed(branch: str) -> bool:
    there = git(*_patience(), "ls-remote", "origin", f"refs/heads/{branch}").split("\t")[0]
    return there == git("rev-parse", "HEAD")


def _push(branch: str) -> None:
    # gh's account is for GitHub only; other servers never see its token
    helper = "credential.https://github.com.helper=!gh auth git-credential"
    push = ("push", "--quiet", "--set-upstream", "origin", branch)
    words = ["git", *_patience(), "-c", helper, *push]
    done = subprocess.run(words, capture_output=True, encoding="utf-8")
    if done.returncode:
        told = " ".join(done.stderr.split())
        raise Fault(f"The push failed: {without_login(told)}.", RETRY)


def _patience() -> tuple[str, ...]:
    """Return git's options for a server that goes silent: by default it waits for ever."""
    return ("-c", "http.lowSpeedLimit=1", "-c", f"http.lowSpeedTime={SILENT_SECONDS}")
