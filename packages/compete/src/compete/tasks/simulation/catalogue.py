"""The environments that are installed: found by name, without torch.

Gymnasium's are found by id, those of `kaggle-environments` by name.
"""

import difflib
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from typing import Any, Literal

import gymnasium

from compete.errors import Fault, first_line
from compete.tasks.simulation.official import environment_names


@dataclass(frozen=True)
class Environment:
    """Which environment is played.

    Args:
        name: a Gymnasium id, or the name in `kaggle-environments`.
        kind: which of the two packages has it.
        source: how that is known.
    """

    name: str
    kind: Literal["kaggle", "gymnasium"]
    source: str

    @property
    def is_atari(self) -> bool:
        """Whether the Arcade Learning Environment runs it."""
        return self.name.startswith("ALE/") or "NoFrameskip" in self.name

    @property
    def package(self) -> str:
        """The package that has it, with its version."""
        own = "ale-py" if self.is_atari else "gymnasium"
        package = "kaggle-environments" if self.kind == "kaggle" else own
        return f"{package} {metadata.version(package)}"


def find_environment(name: str, slug: str) -> Environment:
    """Return the environment that `data.environment` names.

    Args:
        name: the key's value; `auto` goes by `slug`.
        slug: the competition's name in its address.

    Raises:
        Fault: there is no such environment; the near ones are named.
    """
    if name == "auto":
        wanted = slug.replace("-", "_")
        if wanted in environment_names():
            return Environment(wanted, "kaggle", f"the competition's name, {slug}")
        what = f"kaggle-environments has no environment named like the competition, {slug!r}."
        raise Fault(what, f"Set `environment` under `data` in params.yaml.{_near(wanted)}")
    if name in environment_names():
        return Environment(name, "kaggle", "params.yaml")
    _register_atari()
    try:
        gymnasium.spec(name)
    except gymnasium.error.Error as error:
        why = "" if name in str(error) and "doesn't exist" in str(error) else first_line(error)
        raise Fault(
            f"There is no environment {name!r}{f': {why}' if why else ''}".rstrip(".") + ".",
            f"Correct `environment` under `data` in params.yaml.{_near(name)}",
        ) from None
    return Environment(name, "gymnasium", "params.yaml")


def make_gymnasium(name: str, **kwargs: Any) -> gymnasium.Env[Any, Any]:
    """Return an environment of Gymnasium's as its package makes it. Raise `Fault` if it can't."""
    _register_atari()
    try:
        return gymnasium.make(name, disable_env_checker=True, **kwargs)
    except TypeError as error:
        raise Fault(
            f"{name} can't be made with these arguments: {first_line(error)}.",
            "Correct `environment_kwargs` under `data` in params.yaml.",
        ) from None
    except (gymnasium.error.DependencyNotInstalled, ModuleNotFoundError) as error:
        raise Fault(
            f"{name} needs a package that is not installed: {first_line(error)}.",
            "Add it with `uv add`, then run the command again.",
        ) from None


@cache
def _register_atari() -> None:
    try:
        import ale_py
    except ImportError:
        return
    gymnasium.register_envs(ale_py)
    ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)  # no banner for each environment


def _near(name: str) -> str:
    _register_atari()
    names = {each.lower(): each for each in (*gymnasium.registry, *environment_names())}
    near = difflib.get_close_matches(name.lower(), names, n=4, cutoff=0.5)
    shown = ", ".join(names[each] for each in near)
    return f" Near: {shown}." if near else f" Kaggle's are {', '.join(environment_names())}."
