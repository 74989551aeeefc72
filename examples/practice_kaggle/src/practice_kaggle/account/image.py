"""The Python that runs notebooks, in a copy for each run into which a notebook may install."""

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

_FACTS = """
import importlib.util, json, sysconfig
folders = sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
print(json.dumps([folders, importlib.util.find_spec("pip") is not None]))
"""


class Image:
    """A Python environment that stands for Kaggle's image.

    Args:
        python: its program; None: the one that runs the server.
    """

    def __init__(self, python: Path | None) -> None:
        self._python = str(python or sys.executable)

    def overlay(self, folder: Path, installs: bool) -> Path:
        """Make an environment in `folder` that sees the image's packages; return its Python.

        What a notebook installs goes there, and the image stays what it was.

        Args:
            folder: where to make it.
            installs: whether pip is needed.
        """
        asked = subprocess.run(
            [self._python, "-c", _FACTS], capture_output=True, text=True, check=True
        )
        packages, has_pip = json.loads(asked.stdout)
        # As on Kaggle, a notebook finds pip: the image's, or else the one that comes with Python.
        without = ["--without-pip"] if has_pip or not installs else []
        command = [self._python, "-m", "venv", *without, str(folder)]
        subprocess.run(command, check=True, capture_output=True)
        python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        asked = subprocess.run([python, "-c", _FACTS], capture_output=True, text=True, check=True)
        own = Path(json.loads(asked.stdout)[0][0])
        lines = [f"import site; site.addsitedir({path!r})" for path in packages]
        (own / "image.pth").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return python


@cache
def offline_prefix() -> tuple[str, ...]:
    """Return the words that begin a command without network; none where the system has none."""
    program = shutil.which("unshare")
    words = (str(program), "--net", "--map-root-user")
    if program is None or subprocess.run([*words, "true"], capture_output=True).returncode:
        return ()
    return words
