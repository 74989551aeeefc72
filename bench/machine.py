"""The machine and the versions that were measured, for the page."""

import os
import platform
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from bench.project import REPOSITORY, Project

PACKAGES = ("torch", "torchvision", "lightning", "timm", "polars", "dvc", "typer")


def processor() -> str:
    """Return the CPU's model name."""
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        for line in listing.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    if platform.system() == "Darwin":
        words = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(words, capture_output=True, encoding="utf-8").stdout.strip()
    return platform.processor() or platform.machine()


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def memory() -> str:
    """Return the machine's memory, as text."""
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        return f"{total / 2**30:.1f} GiB"
    return "not known"


def load() -> float | None:
    """Return how many processes ran or waited in the last minute; None where that is not known."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def commit() -> str:
    """Return the commit of the repository, and whether it was changed, as git describes it."""
    git = shutil.which("git")
    if git is None:
        return "not known"
    words = [git, "describe", "--always", "--dirty"]
    done = subprocess.run(words, cwd=REPOSITORY, capture_output=True, encoding="utf-8")
    return done.stdout.strip() or "not known"


def describe(busy: float | None) -> dict[str, str]:
    """Return the machine's properties, for a table; `busy` is its load before the first run."""
    return {
        "Processor": processor(),
        "Cores": str(cores()),
        "Memory": memory(),
        "System": f"{platform.system()} {platform.release()}",
        "Load before": "not known" if busy is None else f"{busy:.1f} (other programs)",
        "Date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "Commit": commit(),
    }


def versions(project: Project) -> dict[str, str]:
    """Return the versions of Python and of packages in the project's environment."""
    words = f"from importlib.metadata import version as v; print(*map(v, {PACKAGES!r}))"
    found = project.run("python", "-c", words).split()
    return {"Python": platform.python_version(), **dict(zip(PACKAGES, found, strict=True))}
