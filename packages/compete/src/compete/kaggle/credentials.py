"""Finds the Kaggle credentials of this machine, without importing `kaggle` or showing them."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

HOW_TO_GET_ONE = (
    "Create an API token on https://www.kaggle.com/settings and put it in the environment variable "
    "KAGGLE_API_TOKEN or in the file ~/.kaggle/access_token."
)


@dataclass(frozen=True)
class Credential:
    """One credential: its kind ("token", "legacy key", "sign-in") and where it is stored."""

    kind: str
    place: str


def config_dir() -> Path:
    """Return the folder in which the client looks for kaggle.json."""
    if folder := os.environ.get("KAGGLE_CONFIG_DIR"):
        return Path(folder)
    home = Path.home() / ".kaggle"
    if home.exists():
        return home
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "kaggle"


def found() -> list[Credential]:
    """Return every credential there is; the client uses the first."""
    home = Path.home() / ".kaggle"
    places = []
    if os.environ.get("KAGGLE_KERNEL_RUN_TYPE") and os.environ.get("KAGGLE_API_V1_TOKEN"):
        places.append(Credential("token", "this Kaggle notebook"))
    if os.environ.get("KAGGLE_API_TOKEN"):
        places.append(Credential("token", "the variable KAGGLE_API_TOKEN"))
    for name in ("access_token", "access_token.txt"):
        if _filled(home / name):
            places.append(Credential("token", str(home / name)))
    if os.environ.get("KAGGLE_USERNAME") and os.environ.get("KAGGLE_KEY"):
        places.append(Credential("legacy key", "the variables KAGGLE_USERNAME and KAGGLE_KEY"))
    if _is_key(config_dir() / "kaggle.json"):
        places.append(Credential("legacy key", str(config_dir() / "kaggle.json")))
    if _filled(home / "credentials.json"):
        places.append(Credential("sign-in", str(home / "credentials.json")))
    return places


def _filled(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _is_key(path: Path) -> bool:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return bool(content["username"] and content["key"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
