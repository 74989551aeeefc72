"""The packages of Kaggle's image for Python: a recorded list, which a project may replace."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import metadata
from pathlib import Path

from compete.errors import Fault
from compete.files import KERNEL

RECORDED = Path(__file__).with_name("kaggle_image.txt")
OWN = KERNEL / "kaggle_image.txt"
"""A newer list than the engine's: what `pip freeze` prints on Kaggle."""

_HEADER = re.compile(r"^# (python|date|image): (.+)$")


@dataclass(frozen=True)
class KaggleImage:
    """What is known of the image.

    Args:
        python: its version of Python, such as `3.12`.
        made: the day of the list.
        source: which image it is, and who said so.
        packages: names as PEP 503 normalizes them, each with its version; None: not known.
    """

    python: str
    made: date
    source: str
    packages: dict[str, str | None]

    @property
    def age(self) -> int:
        """How many days old the list is."""
        return (date.today() - self.made).days


def load_image() -> KaggleImage:
    """Return the project's own list if it has one, else the engine's.

    Raises:
        Fault: the project's own list is no output of `pip freeze`.
    """
    path = OWN if OWN.is_file() else RECORDED
    return parse(path.read_text(encoding="utf-8"), path)


def parse(text: str, path: Path) -> KaggleImage:
    """Return the image whose packages `pip freeze` printed.

    Lines `# python: 3.12`, `# date: 2026-08-12` and `# image: NAME` above them say what it is.

    Args:
        text: what was printed.
        path: the file that it is in, to be named.

    Raises:
        Fault: it holds no packages, or says no Python or date that can be read.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    matches = filter(None, map(_HEADER.match, lines))
    known: dict[str, str] = {found[1]: found[2] for found in matches}
    packages: dict[str, str | None] = {}
    for line in lines:
        name = re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", line)
        if line.startswith(("#", "-e ")) or name is None:
            continue
        version = re.match(r"==([^;\s]+)", line[name.end() :].strip())
        packages[normalize(name[0])] = version[1] if version else None
    try:
        made = date.fromisoformat(known.get("date", ""))
        python = re.fullmatch(r"\d+\.\d+", known.get("python", ""))
        if python is None or len(packages) < 10:
            raise ValueError
    except ValueError:
        raise Fault(
            f"{path} is no list of Kaggle's packages: it needs the lines `# python: 3.12` and "
            "`# date: 2026-08-12`, and below them what `pip freeze` prints on Kaggle.",
            "Give `compete kernel image --update` the output of `pip freeze`.",
        ) from None
    return KaggleImage(python[0], made, known.get("image", str(path)), packages)


@cache
def image_packages() -> frozenset[str]:
    """Return the packages of Kaggle's image, and what those that are installed here depend on."""
    waiting = list(load_image().packages)
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        try:
            needed = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue
        waiting += [normalize(each) for each in needed if "extra ==" not in each]
    return frozenset(found)


def normalize(requirement: str) -> str:
    """Return the name in a requirement, as packages are compared (PEP 503)."""
    name = re.split(r"[\s\[<>=!~;@(]", requirement.strip(), maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()
