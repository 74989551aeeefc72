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
from compete.kernels.requirements import Needed
from compete.kernels.sandbox import guard

_HERE = Path(__file__).parent / "sandbox"


@dataclass(frozen=True)
class Environment:
    """An environment in which a notebook is rehearsed.

    Args:
        folder: of the environment.
        python: its interpreter.
        runner: the program that runs a notebook's cells.
        version: of Python, such as `3.12`.
        stood_in: the packages of this project's own environment that stand in for the image's.
        not_installed: packages whose wheels are for another Python than this one.
    """

    folder: Path
    python: Path
    runner: Path
    version: str
    stood_in: list[str]
    not_installed: list[str]

    @property
    def base(self) -> Path:
        """The folder of the Python that it was made of."""
        lines = (self.folder / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
        home = next(line.partition("=")[2].strip() for line in lines if line.startswith("home"))
        return Path(home) if os.name == "nt" else Path(home).parent


def make_environment(
    folder: Path, image: KaggleImage, needed: Needed, wheels: Path, *, exact: bool = False
) -> Environment:
    """Make a clean environment that can import what Kaggle's image has, and nothing else.

    What the wheels bring is left out, so that the notebook must install it.

    Args:
        folder: where to make it.
        image: which packages Kaggle's image has.
        needed: which of them prediction needs, and which come as wheels.
        wheels: the folder of these.
        exact: install the needed packages of the image in its versions, on its Python; else those
            that are installed here stand in for it, on the Python of here.

    Raises:
        Fault: uv is missing, or can't make it.
    """
    with_pip = ["--seed"] if any(wheels.glob("*.whl")) else []  # uv fetches it once
    _uv("venv", *with_pip, "--python", image.python if exact else sys.executable, folder / "env")
    scripts = folder / "env" / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / Path("python.exe" if os.name == "nt" else "python")
    site = _site_packages(folder / "env")
    stood_in: list[str] = []
    foreign: list[str] = []
    if exact:
        versions = [
            f"{name}=={version.partition('+')[0]}" if version else name
            for name, version in sorted(needed.from_image.items())
        ]
        if versions:
            _uv("pip", "install", "--python", python, *versions)
    else:
        foreign = _not_for_this_python(wheels)
        lacking = {*needed.shipped} - {*foreign}
        stood_in = _lay((image_packages() | {*foreign}) - lacking - {"pip"}, folder / "image")
        # Relative: before 3.13, Python on Windows reads other letters than ASCII as others here.
        beside = os.path.relpath(folder / "image", site)
        (site / "kaggle_image.pth").write_text(f"{beside}\n", encoding="utf-8")
    runner = folder / "runner" / "runner.py"  # its folder comes first among those of modules
    runner.parent.mkdir()
    shutil.copyfile(_HERE / "runner.py", runner)
    shutil.copyfile(_HERE / "guard.py", site / "compete_rehearsal_guard.py")
    pth = "import compete_rehearsal_guard\n"
    (site / "compete_rehearsal_guard.pth").write_text(pth, encoding="utf-8")
    version = image.python if exact else ".".join(map(str, sys.version_info[:2]))
    return Environment(folder / "env", python, runner, version, stood_in, foreign)


def _uv(*words: str | Path) -> None:
    uv = shutil.which("uv")
    if uv is None:
        raise Fault("uv is not on the PATH.", "Install it: https://docs.astral.sh/uv/.")
    command = [uv, *map(str, words), "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        raise Fault(
            f"uv can't make the rehearsal's environment: {done.stderr.strip()[-300:]}",
            "Check the network: Python and packages that are not here yet are fetched once.",
        )


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
