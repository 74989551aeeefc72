"""Leaves out of an agent's process what Kaggle's machines do not have."""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from site import getuserbase
from types import ModuleType

# Of what agents are often trained with, not in Kaggle's image (github.com/Kaggle/docker-python and
# Colab's list of packages, August 2026).
LACKING = frozenset(
    {"ale_py", "dvc", "dvclive", "lightning", "onnxruntime", "sb3_contrib", "stable_baselines3"}
    | {"tabm", "timm"}
)


class _Lacking(MetaPathFinder):
    """Finds nothing, and refuses what is lacking before anybody else finds it."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.partition(".")[0] in LACKING:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


def leave_out_what_kaggle_lacks() -> None:
    """Make imports fail in this process as they fail on Kaggle.

    The packages of `LACKING` are not found, and neither is code that lies in other folders than
    installed packages do: the project that the agent is from, and what PYTHONPATH names.
    """
    installed = [Path(prefix).resolve() for prefix in (sys.prefix, sys.base_prefix, getuserbase())]
    sys.path[:] = [
        entry
        for entry in sys.path
        if any(Path(entry).resolve().is_relative_to(prefix) for prefix in installed)
    ]
    sys.meta_path.insert(0, _Lacking())
