"""Wheels for Kaggle's Python and platform: fetched, and checked by their names and metadata."""

import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from email.parser import HeaderParser
from pathlib import Path

from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

import compete
from compete.errors import Fault
from compete.files import note
from compete.kaggle_image import KaggleImage, normalize
from compete.kernels.folder import ENGINE
from compete.kernels.requirements import applicable

_GLIBC = 35  # of Ubuntu 22.04, on which Colab's image stands: manylinux_2_35


def platforms() -> list[str]:
    """Return the platforms whose wheels Kaggle's image can install, the newest first."""
    return [
        *(f"manylinux_2_{minor}_x86_64" for minor in range(_GLIBC, 16, -1)),
        "manylinux2014_x86_64",
        "linux_x86_64",
    ]


def fetch(shipped: Mapping[str, str], folder: Path, known: Path, image: KaggleImage) -> None:
    """Put a wheel of each package into a folder.

    Args:
        shipped: the version of each; empty: the newest.
        folder: where to put them.
        known: a folder of an earlier time, whose wheels are taken where they are the same.
        image: whose Python they are for.

    Raises:
        Fault: a package has no wheel for this Python, or can't be reached.
    """
    folder.mkdir(parents=True, exist_ok=True)
    fits = tags(image)
    there = {}
    for path in known.glob("*.whl"):
        name, version, found = _parsed(path)
        if found & fits:
            there[name, version] = path
    missing = []
    for name, version in shipped.items():
        if (name, version) in there:
            shutil.copy2(there[name, version], folder)
        else:
            missing.append(f"{name}=={version}" if version else name)
    if missing:
        note(f"Fetching {len(missing)} wheels for Python {image.python}.")
        _pip("download", missing, folder, image)


def _pip(verb: str, packages: list[str], folder: Path, image: KaggleImage) -> None:
    options = ["--only-binary=:all:", "--python-version", image.python, "--implementation", "cp"]
    for abi in (f"cp{image.python.replace('.', '')}", "abi3", "none"):
        options += ["--abi", abi]
    for platform in platforms():
        options += ["--platform", platform]
    command = ["tool", "run", "--from", "pip", "pip", verb, "--no-deps", "--quiet", *options]
    done = _uv(*command, "--dest", str(folder), *packages)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise Fault(
            f"A wheel for Kaggle's Python {image.python} can't be downloaded: "
            f"{(lines or done.stderr.strip().splitlines() or ['pip said nothing'])[-1][:300]}.",
            "Do without that package where the project predicts, or take a version of it that has "
            f"wheels for Python {image.python} on Linux; and check the network.",
        )


def build_engine(folder: Path) -> None:
    """Build the engine's wheel into a folder.

    Raises:
        Fault: it can't be built.
    """
    source = Path(compete.__file__).parents[2]
    if not (source / "pyproject.toml").is_file():
        raise Fault(
            "The engine's source is not there, of which Kaggle gets a wheel.",
            "Keep packages/compete in the project, as the template wrote it, and run `uv sync`.",
        )
    done = _uv("build", "--wheel", "--quiet", "--out-dir", str(folder), str(source))
    (folder / ".gitignore").unlink(missing_ok=True)
    if done.returncode:
        raise Fault(
            f"The engine's wheel can't be built: {done.stderr.strip()[-300:]}",
            "Check the network: `uv build` fetches hatchling once.",
        )


def _uv(*words: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("uv")
    if program is None:
        raise Fault("uv is not on the PATH.", "Install it: https://docs.astral.sh/uv/.")
    return subprocess.run([program, *words], capture_output=True, text=True, encoding="utf-8")


def tags(image: KaggleImage) -> frozenset[Tag]:
    """Return the tags of wheels that Kaggle's image can install."""
    major, minor = map(int, image.python.split("."))
    version, places = (major, minor), platforms()
    interpreter = f"cp{major}{minor}"
    every = [
        *cpython_tags(version, [interpreter], places),
        *compatible_tags(version, interpreter, places),
    ]
    return frozenset(every)


def check(folder: Path, image: KaggleImage, wanted: Mapping[str, str]) -> Iterator[Fault]:
    """Yield what would keep the wheels from being installed on Kaggle.

    Args:
        folder: of the wheels.
        image: which packages are there already.
        wanted: the packages that prediction needs and the image lacks, with their versions.
    """
    fits, there = tags(image), {}
    for path in sorted(folder.glob("*.whl")):
        name, version, found = _parsed(path)
        if not found & fits:
            yield Fault(
                f"{path.name} is a wheel for another Python or platform: Kaggle has Python "
                f"{image.python} on Linux (x86_64).",
                "Run `compete kernel build` again, which fetches the right one.",
            )
            continue
        there[name] = path, version
    for name, version in wanted.items():
        if name not in there or version not in ("", there[name][1]):
            yield _missing(f"{name} {version}".strip(), "prediction needs it")
    for name, (path, _) in there.items():
        if name == ENGINE:  # installed without what only training needs
            continue
        for one in applicable(_requires(path), image.python):
            key = normalize(one.name)
            if key not in there and key not in image.packages:
                yield _missing(key, f"{name} needs it")


def _missing(what: str, why: str) -> Fault:
    return Fault(
        f"A wheel is missing: Kaggle's image lacks {what}, and {why}.",
        "Run `compete kernel build` again. If it is missing still, import it in the project's "
        "code, or ask for it in pyproject.toml and run `uv sync`.",
    )


def _parsed(path: Path) -> tuple[str, str, frozenset[Tag]]:
    try:
        name, version, _, found = parse_wheel_filename(path.name)
    except InvalidWheelFilename:
        return path.name, "", frozenset()
    return str(name), str(version), found


def _requires(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.endswith(".dist-info/METADATA"):
                text = archive.read(name).decode("utf-8")
                return HeaderParser().parsestr(text).get_all("Requires-Dist") or []
    return []
