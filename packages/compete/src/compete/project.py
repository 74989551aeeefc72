"""The author's package: how the engine finds it, and the few names that it asks it for.

`pyproject.toml` names the package once, as an entry point:

    [project.entry-points.compete]
    project = "titanic"

| module     | name                           | what it is                                      |
|------------|--------------------------------|-------------------------------------------------|
| `settings` | `Settings`                     | the keys of `data` in params.yaml, without torch |
| `data`     | `Data`                         | how a fold's rows are loaded                    |
| `model`    | `Model`                        | the network, its loss and its optimizer         |
| `metrics`  | `METRICS`                      | optional: the project's own metrics             |
| `features` | `add_columns`, `fold_features` | for tables only: columns made of other columns  |
| `network`  | `Body`, `Network`              | for simulations only: what plays a board        |
| `environment` | `make`, `wrap`, `view`, `ACTIONS`, `PLAYERS` | for simulations only: a game |
| `serve`    | `predict`                      | optional: answers an inference server           |

`data`, `metrics` and `features` are no modules of a simulation, whose `environment` is optional.
"""

from functools import cache
from importlib import import_module, metadata
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from compete.errors import Fault

NAMES = {
    "settings": ("Settings",),
    "data": ("Data",),
    "model": ("Model",),
    "metrics": ("METRICS",),
    "features": ("add_columns", "fold_features"),
    "network": ("Body", "Network"),
    "environment": ("make", "wrap", "view", "ACTIONS", "PLAYERS"),
}
GROUP, KEY = "compete", "project"
_SETTING = f'[project.entry-points.{GROUP}]\n{KEY} = "your_package"'


@cache
def package() -> str:
    """Return the import name of the author's package.

    Raises:
        Fault: no package, or more than one, is installed beside the engine.
    """
    found = sorted({point.value for point in metadata.entry_points(group=GROUP, name=KEY)})
    if len(found) != 1:
        what = f"Several projects are installed here: {', '.join(found)}"
        raise Fault(
            f"{what if found else 'No project is installed together with the engine'}.",
            f"Run `uv sync` in the project's folder, whose pyproject.toml says\n{_SETTING}",
        )
    return found[0]


def module(name: str) -> ModuleType | None:
    """Import a module of the author's package; return None if the author has no such module.

    Raises:
        Fault: the package is not installed, or the module is no valid Python.
    """
    full = f"{package()}.{name}"
    if find_spec(package()) is None:
        raise Fault(
            f"The entry point names a package that is not installed: {package()}.",
            f"Correct it in pyproject.toml and run `uv sync`:\n{_SETTING}",
        )
    try:
        return import_module(full) if find_spec(full) else None
    except SyntaxError as error:
        raise Fault(
            f"{error.filename}, line {error.lineno}, is not valid Python: {error.msg}.",
            "Correct that line.",
        ) from None


def author(name: str, attribute: str, default: Any = None) -> Any:
    """Return what the author calls `attribute` in the module `name` of the package.

    Args:
        name: of the module.
        attribute: one of the names above.
        default: what to return if it is not there; None makes it required.

    Raises:
        Fault: it is required and not there.
    """
    found = getattr(module(name), attribute, default)
    if found is None:
        raise Fault(
            f"{package()}.{name} has no {attribute}.",
            f"Define {attribute} in src/{package()}/{name}.py; see packages/compete/README.md.",
        )
    return found


def task_module(name: str) -> ModuleType:
    """Import a module of the task that the author's `Settings` name, such as `load`."""
    return import_module(f"{author('settings', 'Settings').task}.{name}")


def workflow_module(name: str) -> ModuleType:
    """Import a module of the workflow that the author's `Settings` name, such as `train`.

    Raises:
        Fault: the workflow has no such module.
    """
    if not has_workflow(name):
        raise Fault(
            f"`compete {name}` is not for this kind of project.",
            "See `compete --help` for what each command does.",
        )
    return import_module(f"{author('settings', 'Settings').workflow}.{name}")


def has_workflow(name: str) -> bool:
    """Return whether the workflow that the author's `Settings` name has a module `name`."""
    return find_spec(f"{author('settings', 'Settings').workflow}.{name}") is not None


def portfolio_module(name: str) -> ModuleType:
    """Import a module of what the author's `Settings` show the project by, such as `report`."""
    return import_module(f"{author('settings', 'Settings').portfolio}.{name}")
