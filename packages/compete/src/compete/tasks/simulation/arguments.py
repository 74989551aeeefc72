"""From a section of params.yaml to the arguments of the class that it describes."""

from importlib import import_module
from typing import Any

from jsonargparse import ArgumentParser, Namespace

from compete.errors import Fault, first_line
from compete.training.config import Config


def make_arguments(name: str, made: type, config: Config[Any], values: Any) -> dict[str, Any]:
    """Return the arguments of a section with their classes made, such as schedules and loggers.

    Args:
        name: of the section.
        made: the class whose constructor takes them.
        config: of the member.
        values: of the section.

    Raises:
        Fault: a class can't be made, or a name is none.
    """
    parser = ArgumentParser(exit_on_error=False)
    skip = set(config.data.given_to_model) if name == "model" else set()
    parser.add_class_arguments(made, name, skip=skip, instantiate=False)
    if isinstance(values, dict):
        values = parser.parse_object({name: values})[name]
    try:
        arguments: dict[str, Any] = parser.instantiate(Namespace(**{name: values}))[name].as_dict()
    except (ImportError, ValueError, TypeError) as error:
        raise Fault(
            f"A class of the section `{name}` can't be made: {first_line(error).rstrip('.')}.",
            f"Correct the key under `{name}` in params.yaml.",
        ) from None
    if name == "model" and arguments.get("policy_kwargs"):
        arguments["policy_kwargs"] = _imported(arguments["policy_kwargs"])
    return arguments


def _imported(policy_kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return them with the classes that they name, such as `torch.nn.Tanh`, in place of the names.

    Stable-Baselines3 ends the names of such arguments so.
    """

    def find(key: str, value: Any) -> Any:
        if not (isinstance(value, str) and key.endswith(("_class", "_fn"))):
            return value
        module, _, name = value.rpartition(".")
        try:
            return getattr(import_module(module), name)
        except (ImportError, AttributeError, ValueError):
            raise Fault(
                f"`{key}: {value}` under `model.policy_kwargs` names no class.",
                "Write its module too, such as `torch.nn.Tanh`.",
            ) from None

    return {key: find(key, value) for key, value in policy_kwargs.items()}
