"""The rehearsal's environment: a clean one, in which packages from here stand in for Kaggle's."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.tags import sys_tags
from packaging.utils import parse_wheel_filename

from compete.errors import Fault
from compete.kaggle_image import KaggleImage, image_packages, normalize
from compete.kernels.sandbox import guard

_HERE = Path(__file__).parent / "sandbox"
RUNNER = _HERE / "runner.py"


@dataclass(frozen=True)
class Environment:
    """An environment in which a notebook is rehearsed.

    Args:
        folder: of the environment.
        python: its interpreter.
        version: of Python.
        stood_in: the packages of this project's own environment that stand in for the image's.
        not_installed: packages whose wheels are for another Python than this one.
    """

    folder: Path
    python: Path
    version: str
    stood_in: list[str]
    not_installed: list[str]


def make_environment(
    folder: Path, image: KaggleImage, shipped: Iterable[str], wheels: Path
) -> Environment:
    """Make a clean environment that can import what Kaggle's image has, and nothing else.

    The image's packages are those that are installed here, in the versions of here; what the
    wheels bring is left out, so that the notebook must install it.

    Args:
        folder: where to make it.
        image: which packages Kaggle's image has.
        shipped: the packages that come as wheels.
        wheels: the folder of these.

    Raises:
        Fault: uv is missing, or can't make it.
    """
    uv = shutil.which("uv")
    if uv is None:
        raise Fault("uv is not on the PATH.", "Install it: https://docs.astral.sh/uv/.")
    command = [uv, "venv", "--quiet", "--seed", "--python", sys.executable, str(folder / "env")]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        raise Fault(
            f"uv can't make the rehearsal's environment: {done.stderr.strip()[-300:]}",
            "Check the network: pip is fetched once.",
        )
    scripts = folder / "env" / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / Path("python.exe" if os.name == "nt" else "python")
    site = _site_packages(folder / "env")
    foreign = _not_for_this_python(wheels)
    lacking = {*shipped} - {*foreign}
    allowed = (image_packages() | {*foreign}) - lacking - {"pip"}
    stood_in = _lay(allowed, folder / "image")
    (site / "kaggle_image.pth").write_text(f"{folder / 'image'}\n", encoding="utf-8")
    shutil.copyfile(_HERE / "guard.py", site / "compete_rehearsal_guard.py")
    pth = "import compete_rehearsal_guard\n"
    (site / "compete_rehearsal_guard.pth").write_text(pth, encoding="utf-8")
    version = ".".join(map(str, sys.version_info[:2]))
    return Environment(folder / "env", python, version, stood_in, foreign)


def _site_packages(env: Path) -> Path:
    found = [*env.glob("lib/python*/site-packages"), *env.glob("Lib/site-packages")]
    return found[0]


def _not_for_this_python(wheels: Path) -> list[str]:
    """Return the packages whose wheels this Python, or this system, can't install."""
    here = frozenset(sys_tags())
    parsed = [parse_wheel_filename(path.name) for path in sorted(wheels.glob("*.whl"))]
    fit = {str(name) for name, _, _, tags in parsed if tags & here}
    return sorted({str(name) for name, *_ in parsed} - fit)


def _lay(allowed: Iterable[str], folder: Path) -> list[str]:
    """Link to the installed packages of these names in a folder; return the names."""
    folder.mkdir()
    wanted, found = set(allowed), []
    for one in metadata.distributions():
        name = normalize(one.metadata["Name"] or "")
        if name not in wanted:
            continue
        found.append(name)
        root = Path(str(one.locate_file("")))
        for top in {file.parts[0] for file in one.files or () if file.parts[0] != ".."}:
            if top != "__pycache__" and (root / top).exists():
                link(root / top, folder / top)
    return sorted(found)


def link(source: Path, target: Path) -> None:
    """Make `target` the same file or folder as `source`, by links where they are allowed."""
    if target.exists():
        return
    try:
        target.symlink_to(source, target_is_directory=source.is_dir())
    except OSError:
        if source.is_dir():
            shutil.copytree(source, target, copy_function=_hard_link)
        else:
            _hard_link(source, target)


def _hard_link(source: str | Path, target: str | Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def namespace() -> list[str]:
    """Return the command that runs another one without network, nothing where there is none."""
    command = ["unshare", "--map-root-user", "--net"]
    if sys.platform != "linux" or shutil.which("unshare") is None:
        return []
    works = subprocess.run([*command, "true"], capture_output=True).returncode == 0
    return command if works else []


GUARD = guard.VARIABLE
