"""`compete kernel image`: which packages Kaggle's image is known to have."""

import json
import re
from datetime import date
from pathlib import Path

from compete.errors import Fault
from compete.files import note, write_text
from compete.kaggle_image import OWN, load_image, parse

_OLD = 180  # days after which Kaggle has most likely replaced the image several times


def show(update: Path | None, *, as_json: bool = False) -> None:
    """Print what is known of Kaggle's image; take over a newer list first.

    Args:
        update: what `python --version` and `pip freeze` printed in a notebook on Kaggle; kept in
            the project.
        as_json: print JSON for a script to read.

    Raises:
        Fault: the file is missing, or no output of `pip freeze`.
    """
    if update is not None:
        _take(update)
    image = load_image()
    if as_json:
        facts = {"python": image.python, "date": image.made.isoformat(), "source": image.source}
        print(json.dumps(facts | {"days": image.age, "packages": image.packages}))
        return
    versions = sum(version is not None for version in image.packages.values())
    print(f"image     {image.source}")
    print(f"python    {image.python}")
    print(f"list      of {image.made.isoformat()}, {image.age} days old")
    print(f"packages  {len(image.packages)}, {versions} with their version")
    if image.age > _OLD:
        note(
            "The list is old. Run `!(python --version; pip freeze) > kaggle.txt` in a notebook on "
            "Kaggle, download the file, and run `compete kernel image --update kaggle.txt`."
        )


def _take(path: Path) -> None:
    """Keep a list in the project, with what it does not say itself: today, and the same Python.

    Raises:
        Fault: the file is missing, or no output of `pip freeze`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise Fault(
            f"{path} can't be read.", "Name the file that holds what `pip freeze` printed."
        ) from None
    said = re.search(r"^Python (\d+\.\d+).*$", text, re.MULTILINE)
    text = text.replace(said[0], "") if said else text
    python = said[1] if said else load_image().python
    if not said and "# python: " not in text:
        note(f"{path} does not say which Python Kaggle has: {python} is kept.")
    given = {"python": python, "date": date.today().isoformat(), "image": path.name}
    missing = [f"# {key}: {value}" for key, value in given.items() if f"# {key}: " not in text]
    text = "\n".join([*missing, text.strip()]) + "\n"
    parse(text, path)
    write_text(OWN, text)
