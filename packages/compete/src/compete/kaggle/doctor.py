"""Checks everything that a submission needs. Each line says how to fix a problem."""

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from compete.contract import Competition
from compete.errors import Fault
from compete.files import PARAMS
from compete.kaggle import client, credentials
from compete.kaggle.http_errors import NOTEBOOK

ROOMY = 10 * 10**9  # bytes that torch, data and checkpoints easily take


@dataclass(frozen=True)
class Check:
    """One line: `state` is ok, warn or fail; `fix` says what to do unless it is ok."""

    name: str
    state: str
    says: str
    fix: str = ""


def run(competition: Callable[[], Competition], as_json: bool = False) -> int:
    """Print every check; return the exit code, 1 if one has failed."""
    checks = []
    for check in examine(competition):
        checks.append(check)
        if not as_json:
            _print(check)
    if as_json:
        print(json.dumps([asdict(check) for check in checks], indent=2, ensure_ascii=False))
    return 1 if any(check.state == "fail" for check in checks) else 0


def examine(competition: Callable[[], Competition]) -> Iterator[Check]:
    """Yield every check, the machine first, then Kaggle."""
    yield Check("Python", "ok", f"{platform.python_version()} in {sys.prefix}")
    yield _tool("git", "fail", "Install it from https://git-scm.com.")
    if not _answer("git", "rev-parse", "HEAD"):
        yield Check("commit", "warn", "none yet", "git init; git add .; git commit -m start")
    yield _tool("uv", "warn", "Install it from https://docs.astral.sh/uv.")
    if not PARAMS.exists():
        fix = "Run the command in the project's folder."
        yield Check("project", "fail", f"no {PARAMS} here or in a folder above", fix)
    elif Path(".dvc").is_dir():
        yield Check("DVC", "ok", "set up")
    else:
        yield Check("DVC", "fail", "not set up", "dvc init")
    free = shutil.disk_usage(".").free
    says = f"{free / 1e9:.0f} GB free"
    yield (
        Check("disk", "ok", says) if free > ROOMY else Check("disk", "warn", says, "Free space.")
    )
    yield _accelerator()
    yield from _kaggle(competition)


def _tool(name: str, state: str, fix: str) -> Check:
    version = _answer(name, "--version")
    return Check(name, "ok", version) if version else Check(name, state, "not found", fix)


def _accelerator() -> Check:
    if gpus := _answer("nvidia-smi", "-L"):
        return Check("accelerator", "ok", "; ".join(g.split(" (")[0] for g in gpus.splitlines()))
    if sys.platform == "darwin" and platform.machine() == "arm64":
        return Check("accelerator", "ok", "Apple GPU (mps)")
    fix = "Training on the CPU is slow; Kaggle and Colab have free GPUs."
    return Check("accelerator", "warn", f"none; {os.cpu_count()} CPU cores", fix)


def _kaggle(competition: Callable[[], Competition]) -> Iterator[Check]:
    there = credentials.found()
    if not there:
        yield Check("credentials", "fail", "none found", credentials.HOW_TO_GET_ONE)
        return
    kinds = {each.kind for each in there}
    says = " and ".join(f"{each.kind} in {each.place}" for each in there)
    if len(kinds) > 1:
        hint = f"The {there[0].kind} takes precedence; remove it if it is not valid."
        yield Check("credentials", "warn", says, hint)
    else:
        yield Check("credentials", "ok", says)
    try:
        slug = competition().slug
        about = client.competition(slug)
        yield Check("Kaggle", "ok", f"{about.title} ({slug})")
        if not about.entered:
            yield Check("joined", "fail", "not joined", f"Accept the rules on {about.url}/rules.")
            return
        yield Check("joined", "ok", "rules accepted")
        if about.over():
            yield Check("deadline", "warn", f"passed on {about.deadline}", "Late submissions only.")
        else:
            yield Check("deadline", "ok", about.deadline or "none")
        if about.kernels_only:
            yield Check("kind", "warn", "code competition", f"Submit a notebook. {NOTEBOOK}")
        quota = client.limits(slug)
        says = f"{quota.left} submissions left today, {quota.today} made"
        fix = "" if quota.left else "More after midnight UTC."
        yield Check("quota", "ok" if quota.left else "warn", says, fix)
    except Fault as fault:
        yield Check("Kaggle", "fail", fault.what, fault.remedy)


def _answer(*command: str) -> str:
    """Return the output of a command; empty if it fails or does not answer."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, encoding="utf-8")
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _print(check: Check) -> None:
    from rich.console import Console
    from rich.markup import escape

    colour = {"ok": "green", "warn": "yellow", "fail": "red"}[check.state]
    fix = f"\n       {escape(check.fix)}" if check.fix else ""
    line = f"[{colour}]{check.state:5}[/]  {check.name}: {escape(check.says)}{fix}"
    Console(soft_wrap=True, highlight=False).print(line)
