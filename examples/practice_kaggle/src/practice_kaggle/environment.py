"""The variables with which the official client talks to this server, and to nothing else."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from .site import KEY, USER

_NOWHERE = "http://127.0.0.1:9"  # the discard port: nothing listens, so nothing leaves


def client_environment(port: int, home: Path, outer: Mapping[str, str]) -> dict[str, str]:
    """Return variables to lay over `outer`, which lead the official client to this server.

    A new HOME hides the real Kaggle credentials; what other tools keep in the old one (caches,
    configuration, the git identity) stays where it was.

    Args:
        port: of the server.
        home: the client's new home folder.
        outer: the present variables.
    """
    here = f"http://127.0.0.1:{port}"
    old = Path(outer.get("HOME") or outer.get("USERPROFILE") or Path.home())
    kept = {
        "XDG_CACHE_HOME": old / ".cache",
        "XDG_CONFIG_HOME": old / ".config",
        "XDG_DATA_HOME": old / ".local" / "share",
    }
    if (old / ".gitconfig").exists():
        kept["GIT_CONFIG_GLOBAL"] = old / ".gitconfig"
    return {
        **{name: str(path) for name, path in kept.items() if not outer.get(name)},
        "HOME": str(home),
        **({"USERPROFILE": str(home)} if os.name == "nt" else {}),
        "KAGGLE_CONFIG_DIR": str(home / ".kaggle"),
        "KAGGLE_API_ENVIRONMENT": "LOCALHOST",
        "KAGGLE_USERNAME": USER,
        "KAGGLE_KEY": KEY,
        "KAGGLE_API_TOKEN": "",  # a real token would win over name and key
        "HTTP_PROXY": here,
        "http_proxy": here,
        "HTTPS_PROXY": _NOWHERE,
        "https_proxy": _NOWHERE,
        "ALL_PROXY": _NOWHERE,
        "all_proxy": _NOWHERE,
        "NO_PROXY": "",
        "no_proxy": "",
    }


def overlaid(outer: Mapping[str, str], overlay: Mapping[str, str]) -> dict[str, str]:
    """Lay `overlay` over `outer`, without any other KAGGLE_X: each would configure the client."""
    kept = {name: value for name, value in outer.items() if not name.upper().startswith("KAGGLE_")}
    if sys.platform == "win32":  # names differ by case only: the later one would win at random
        lowered = {name.lower() for name in overlay}
        kept = {name: value for name, value in kept.items() if name.lower() not in lowered}
    return {**kept, **overlay}
