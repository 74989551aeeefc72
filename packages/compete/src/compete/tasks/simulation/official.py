"""Kaggle's own environments: how one is made, and what is said where that fails."""

import io
from contextlib import redirect_stdout
from copy import deepcopy
from difflib import get_close_matches
from typing import Any

from compete.errors import Fault, first_line


def _package() -> Any:
    try:
        with redirect_stdout(io.StringIO()):  # it names the environments it cannot load
            import kaggle_environments
    except ImportError as error:
        raise Fault(
            f"kaggle-environments cannot be imported: {first_line(error)}.",
            "Install the extra: uv sync (compete[simulation] in pyproject.toml).",
        ) from None
    return kaggle_environments


def environment_names() -> list[str]:
    """Return the names of the environments that can be made here."""
    return sorted(_package().environments)


def make_environment(
    name: str, configuration: dict[str, Any] | None = None, *, overage: float | None = None
) -> Any:
    """Return one of Kaggle's environments.

    Args:
        name: as `kaggle_environments.make` takes it.
        configuration: what differs from the environment's own.
        overage: seconds beyond `actTimeout` that each agent has in all; default: Kaggle's.

    Raises:
        Fault: there is no such environment, or it refuses the configuration.
    """
    package, names = _package(), environment_names()
    if name not in names:
        near = get_close_matches(name, names, 1) or ["connectx"]
        raise Fault(
            f"kaggle-environments has no environment {name} that can be loaded here.",
            f"Choose another, such as {near[0]}; these can be loaded: {', '.join(names)}.",
        )
    environment = package.environments[name]
    if overage is not None:
        specification = deepcopy(environment["specification"])
        specification["observation"]["remainingOverageTime"] = overage
        environment = environment | {"specification": specification}
    try:
        return package.make(environment, configuration=configuration or {})
    except package.errors.InvalidArgument as error:
        raise Fault(
            f"{name} refuses its configuration: {first_line(error)}.",
            "Fix the configuration of the environment.",
        ) from None
