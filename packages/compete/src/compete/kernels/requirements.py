"""Which packages prediction needs: what its code imports, and what Kaggle's image has of it."""

import ast
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from compete import project
from compete.kaggle_image import KaggleImage, normalize
from compete.kernels.folder import ENGINE
from compete.project import author
from compete.training.fingerprint import imported

_PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Needed:
    """The packages that prediction needs, by their normalized names.

    Args:
        from_image: what Kaggle's image has in a version that will do, with that version.
        shipped: what must be shipped, with the version that is installed here; empty: any.
        why: for each package what asks for it.
    """

    from_image: dict[str, str | None] = field(default_factory=dict)
    shipped: dict[str, str] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)


def roots() -> list[str]:
    """Return the modules that Kaggle's notebook runs, which import all others."""
    settings = author("settings", "Settings")
    own = [f"{project.package()}.{name}" for name in project.NAMES]
    own.append(f"{project.package()}.serve")
    task = [f"{settings.task}.{name}" for name in ("load", "preprocess", "settings")]
    engine = ["compete.kernels.runtime", "compete.kernels.serving"]
    workflow = [f"{settings.workflow}.{name}" for name in ("hidden", "batches")]
    return [*engine, *workflow, settings.trainer[0], *own, *task]


def imports_of(files: Iterable[Path]) -> dict[str, str]:
    """Return the packages that Python files import, each with a file that does.

    What is not installed here is left out: it was imported neither in training nor in prediction.

    Args:
        files: of the author and of the engine. Functions of the engine's metrics and problems that
            import something score or explain, which is not done on Kaggle.
    """
    owners = _owners()
    found: dict[str, str] = {}
    for path in files:
        tree = ast.parse(path.read_bytes())
        scores = path.is_relative_to(_PACKAGE / "metrics") or path.is_relative_to(
            _PACKAGE / "problems"
        )
        for node in tree.body if scores else ast.walk(tree):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                names = [node.module]
            for name in names:
                top = name.partition(".")[0]
                if top not in sys.stdlib_module_names:
                    for owner in owners.get(top, ()):
                        found.setdefault(normalize(owner), path.name)
    return found


def find_needed(image: KaggleImage) -> Needed:
    """Return which packages prediction needs, and which of them Kaggle's image lacks.

    Versions are those that are installed here. What the image has stays as it is there where it
    fits what is asked for, though it may be another version than here.

    Args:
        image: what is known of Kaggle's image.
    """
    project_name = normalize(_project_distribution())
    direct = asked_for_others(project_name) | imports_of(imported(roots()))
    needed = Needed()
    waiting = [(Requirement(name), f"{source} asks for it") for name, source in direct.items()]
    bounds = _bounds(project_name)
    seen: set[str] = set()
    while waiting:
        asked, why = waiting.pop(0)
        name = normalize(asked.name)
        if name in (ENGINE, project_name):
            continue
        specifier, extras = asked.specifier, asked.extras
        if name in bounds:
            specifier, extras = specifier & bounds[name].specifier, extras | bounds[name].extras
        mark = f"{name} {specifier} {sorted(extras)}"
        if mark in seen:
            continue
        seen.add(mark)
        needed.why.setdefault(name, why)
        if name not in needed.shipped and name in image.packages:
            version = image.packages[name]
            if version is None or _fits(specifier, version):
                needed.from_image[name] = version
                continue
            needed.from_image.pop(name, None)
        if name in needed.shipped:
            continue
        try:
            needed.shipped[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            needed.shipped[name] = ""
        for each in requirements_of(name, image.python, extras):
            waiting.append((each, f"{name} needs it"))
    return needed


def requirements_of(name: str, python: str, extras: Iterable[str] = ()) -> list[Requirement]:
    """Return what an installed package needs on Kaggle: on Linux, with its Python."""
    return applicable(_stated(name), python, extras)


def applicable(stated: Iterable[str], python: str, extras: Iterable[str] = ()) -> list[Requirement]:
    """Return of stated requirements those that hold on Kaggle: on Linux, with its Python."""
    here = {
        "implementation_name": "cpython",
        "os_name": "posix",
        "platform_machine": "x86_64",
        "platform_python_implementation": "CPython",
        "platform_system": "Linux",
        "python_full_version": f"{python}.0",
        "python_version": python,
        "sys_platform": "linux",
    }
    found = []
    for text in stated:
        try:
            one = Requirement(text)
        except InvalidRequirement:
            continue
        marks = [here | {"extra": extra} for extra in ("", *extras)]
        if one.marker is None or any(one.marker.evaluate(mark) for mark in marks):
            found.append(one)
    return found


def asked_for_others(project_name: str) -> dict[str, str]:
    """Return what the project's extras of the engine ask for, and no code of ours imports.

    Another package does, as transformers imports sacremoses for the tokenizer of Marian.
    """
    extras = {
        extra
        for one in map(Requirement, _stated(project_name))
        if normalize(one.name) == ENGINE
        # An extra of the project's own, such as lora, is not asked for by every project.
        and (one.marker is None or one.marker.evaluate({"extra": ""}))
        for extra in one.extras
    }
    asked = {
        normalize(one.name): f"the extra {extra}"
        for one in map(Requirement, _stated(ENGINE))
        for extra in extras
        if one.marker is not None and one.marker.evaluate({"extra": extra})
    }
    code = "\n".join(path.read_text(encoding="utf-8") for path in _PACKAGE.rglob("*.py"))
    imported_here = set(re.findall(r"^\s*(?:import|from) (\w+)", code, re.MULTILINE))
    owners = _owners()
    ours = {normalize(one) for module in imported_here for one in owners.get(module, ())}
    return {name: why for name, why in asked.items() if name not in ours}


@cache
def _owners() -> dict[str, list[str]]:
    """Return the packages that each importable name belongs to, which takes a second to find."""
    return dict(metadata.packages_distributions())


def _stated(name: str) -> list[str]:
    try:
        return metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []


def _bounds(project_name: str) -> dict[str, Requirement]:
    """Return what the engine and the project themselves ask of each package, extras included."""
    found: dict[str, Requirement] = {}
    for name in (ENGINE, project_name):
        for text in _stated(name):
            one = Requirement(text)
            key = normalize(one.name)
            if key in found:
                one.specifier = one.specifier & found[key].specifier
            found[key] = one
    return found


def _project_distribution() -> str:
    """Return the name of the distribution that holds the author's package."""
    for one in metadata.entry_points(group=project.GROUP, name=project.KEY):
        if one.dist is not None:
            return str(one.dist.metadata["Name"])
    return project.package()


def _fits(specifier: object, version: str) -> bool:
    try:
        return Version(version) in specifier  # type: ignore[operator]
    except InvalidVersion:
        return False
