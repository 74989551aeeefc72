"""The fingerprint of a fold: a digest of all inputs. A fold is retrained only if it changes."""

import ast
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from compete import project
from compete.files import digest, file_digest
from compete.training.config import Config

# Modules that change no weights: they show, send, explain errors, or share out the work.
_WITHOUT_RESULT = (
    "compete.charts",
    "compete.errors",
    "compete.kaggle",
    "compete.metrics.kaggle_names",
    "compete.portfolio",
    "compete.training.fingerprint",
    "compete.tasks.simulation.loggers",
    "compete.training.parallel",
)
_CLASS_PATH = re.compile(r'"class_path": "([\w.]+)"')


def fingerprint(config: Config[Any], fold: int, *trainer_code: str) -> str:
    """Return a digest of everything that determines a fold's weights.

    These are the configuration, the contract, the data, the files of weights, and the code of the
    author's modules, of `trainer_code`, and of all that they import from either package.

    Args:
        config: of the member.
        fold: the fold that validates.
        trainer_code: the engine's modules that train a fold.
    """
    data, trainer = asdict(config.data), config.trainer.as_dict() if config.trainer else {}
    unseen = config.data.trainer_without_effect
    settings = {
        "seed": config.seed_everything,
        "fold": fold,
        "data": {k: v for k, v in data.items() if k not in config.data.without_effect},
        "model": config.model,
        "trainer": {k: v for k, v in trainer.items() if k not in unseen},
    }
    told = json.dumps(settings, sort_keys=True, default=str)
    classes = (path.rpartition(".")[0] for path in _CLASS_PATH.findall(told))
    roots = (*trainer_code, *(f"{project.package()}.{name}" for name in project.NAMES), *classes)
    return digest(
        [
            told,
            *config.data.contract_facts(),
            *(path.read_text(encoding="utf-8") for path in config.data.facts(config.model)),
            *(_content(Path(str(config.model.get(key)))) for key in ("weights", "backbone")),
            *(code_digest(path) for path in imported(roots)),
        ]
    )


def imported(modules: Iterable[str]) -> list[Path]:
    """Return the files of modules and of all that they import, directly or not, by name.

    A module imports the packages that it lies in, too. Only the author's package and the engine are
    looked into; modules that do not exist are left out.
    """
    found: dict[str, Path] = {}
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name in found or (path := _file(name)) is None:
            continue
        found[name] = path
        waiting += [*_imports(name, path), name.rpartition(".")[0]]
    return [found[name] for name in sorted(found)]


@cache
def _file(name: str) -> Path | None:
    top, *rest = name.split(".")
    if top not in ("compete", project.package()) or name.startswith(_WITHOUT_RESULT):
        return None
    spec = find_spec(top)
    assert spec is not None
    assert spec.origin is not None
    place = Path(spec.origin).parent.joinpath(*rest)
    files = (place / "__init__.py", place.with_suffix(".py"))
    return next((file for file in files if file.is_file()), None)


def _imports(name: str, path: Path) -> Iterator[str]:
    """Yield what may be modules among the names that a file imports, at any depth of its code."""
    parent = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = parent.split(".")[: -node.level + 1 or None] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes())


@cache
def code_digest(path: Path) -> str:
    """Return a digest of a Python file's syntax tree, without comments and docstrings."""
    tree = ast.parse(path.read_bytes())
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                node.body = node.body[1:]
    return digest([ast.dump(tree)])


def _content(weights: Path) -> str:
    """Return a digest of a file, or of the files of a folder; of what is neither, of nothing."""
    files = [weights] if weights.is_file() else sorted(weights.rglob("*"))
    return digest(file_digest(path) for path in files if path.is_file())
