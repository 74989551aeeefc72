"""params.yaml, overridden by a member's file, as typed objects.

jsonargparse checks every key and every type. The keys are the fields of `Competition` and of the
author's `Settings`, and the arguments of the author's `Model` and of the trainer that `Settings`
name, by default Lightning's.
"""

import sys
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

import yaml

from compete.bounds import Seed, in_one_line, problem_with
from compete.contract import Competition
from compete.errors import Fault
from compete.files import MEMBERS, PARAMS, read_yaml
from compete.project import author
from compete.training.settings import Settings

if TYPE_CHECKING:
    from jsonargparse import ArgumentParser, Namespace

LIGHT = ("competition", "seed_everything", "data")  # can be read without torch
ALL = (*LIGHT, "model", "trainer")


SettingsT = TypeVar("SettingsT", bound=Settings)


@dataclass(frozen=True)
class Config(Generic[SettingsT]):
    """The settings of one member.

    Args:
        member: its name.
        competition: what the author says of the competition.
        data: the author's `Settings`.
        seed_everything: the seed of all randomness; a fold adds its number.
        model: arguments of the author's `Model`.
        trainer: jsonargparse's namespace of the trainer's arguments, whose loggers and callbacks
            are not made yet.
    """

    member: str
    competition: Competition
    data: SettingsT
    seed_everything: int
    model: dict[str, Any] = field(default_factory=dict)
    trainer: Any = None

    def kept(self) -> dict[str, Any]:
        """Return the settings that a trained fold saves, for `from_kept`."""
        return {"data": asdict(self.data), "model": self.model, "seed": self.seed_everything}

    def from_kept(self, kept: dict[str, Any]) -> Self:
        """Return the settings that a fold was trained with, to load it.

        Only its weights no longer come from elsewhere: keys of `reload` take the place of those of
        `model`. Keys that change no trained weights, such as `num_workers`, are those of today.

        Raises:
            Fault: the keys are not those that the code has now.
        """
        now = asdict(self.data)
        values = kept["data"] | {key: now[key] for key in self.data.without_effect}
        try:
            data = type(self.data)(**values)
        except TypeError as error:
            raise Fault(
                f"Member {self.member} was trained with other keys ({error}).",
                "Run `compete train` again.",
            ) from None
        model = kept["model"] | kept.get("reload", {})
        return type(self)(self.member, self.competition, data, kept["seed"], model)


def member_names() -> list[str]:
    """Return the members of the ensemble: the files in `members/`, by name.

    Raises:
        Fault: there is none.
    """
    names = sorted(path.stem for path in MEMBERS.glob("*.yaml"))
    if not names:
        raise Fault(
            f"{MEMBERS} contains no member.", f"Create {MEMBERS / 'base.yaml'} (it may be empty)."
        )
    return names


def load_competition() -> Competition:
    """Return the section `competition` of params.yaml. Raise `Fault` for a wrong key."""
    return Competition(**_parse([PARAMS], (), ("competition",)).competition.as_dict())


def load_base() -> Config[Any]:
    """Read params.yaml without the sections that import torch. Raise `Fault` if it is wrong."""
    return _config("", _parse([PARAMS], (), LIGHT), LIGHT)


def load_config(
    member: str, overrides: Sequence[str] = (), sections: Sequence[str] = ALL
) -> Config[Any]:
    """Read params.yaml, overridden by the member's file and by the command line.

    Args:
        member: its name.
        overrides: keys as command-line arguments, such as `--model.lr 3e-4`.
        sections: `LIGHT` leaves out what imports torch.

    Raises:
        Fault: a key is unknown or a value has the wrong type.
    """
    path = MEMBERS / f"{member}.yaml"
    if not path.exists():
        raise Fault(
            f"There is no member {member!r}.", f"Choose one of: {', '.join(member_names())}."
        )
    return _config(member, _parse([PARAMS, path], overrides, sections), sections)


def instantiate(
    made: type, section: str, values: Any, skip: Collection[str] = ()
) -> dict[str, Any]:
    """Return the arguments of a section with its classes and dataclasses instantiated.

    Args:
        made: the class that takes them.
        section: its name in params.yaml.
        values: of the section: a mapping, or jsonargparse's namespace.
        skip: arguments that the engine gives.

    Raises:
        Fault: a class can't be made, or a value has the wrong type.
    """
    from jsonargparse import ArgumentError, ArgumentParser, Namespace

    parser = ArgumentParser(exit_on_error=False)
    parser.add_class_arguments(made, section, skip=set(skip), instantiate=False)
    try:
        if isinstance(values, dict):
            values = parser.parse_object({section: values})[section]
        found = parser.instantiate(Namespace(**{section: values}))[section]
    except (ArgumentError, ImportError, ValueError, TypeError) as error:
        raise Fault(
            f"The section `{section}` can't be made: {in_one_line(str(error)).rstrip('.')}.",
            f"Fix the key under `{section}` in params.yaml.",
        ) from None
    return {key: getattr(found, key) for key in vars(found)}


def _config(member: str, found: "Namespace", sections: Sequence[str]) -> Config[Any]:
    return Config(
        member,
        Competition(**found.competition.as_dict()),
        author("settings", "Settings")(**found.data.as_dict()),
        found.seed_everything,
        found.model.as_dict() if "model" in sections else {},
        found.trainer if "trainer" in sections else None,
    )


def _parse(layers: list[Any], overrides: Sequence[str], sections: Sequence[str]) -> "Namespace":
    from jsonargparse import ArgumentError

    if "--help" in overrides:
        _parser(sections).print_help()
        sys.exit(0)
    arguments = []
    for layer in layers:
        values = read_yaml(layer)
        if unknown := [key for key in values if key not in ALL]:
            raise Fault(
                f"{layer} has an unknown section: {unknown[0]!r}.",
                f"Its sections are {', '.join(ALL)}.",
            )
        for key, value in values.items():
            if key != "seed_everything" and not isinstance(value, dict):
                raise Fault(
                    f"The section `{key}` of {layer} contains no keys.",
                    "Write its keys as `key: value` lines below it, or leave the section out.",
                )
        values = {key: value for key, value in values.items() if key in sections}
        arguments += ["--config", yaml.safe_dump(values)] if values else []
    try:
        found: Namespace = _parser(sections).parse_args([*arguments, *overrides])
    except ArgumentError as error:
        raise _wrong_key(layers, in_one_line(str(error))) from None
    for key, kind in author("settings", "Settings").bounds.items() if sections == ALL else ():
        value = found.get(key)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and (problem := problem_with(value, kind)):
            raise _wrong_key(layers, f'Parser key "{key}": {problem}')
    return found


def _wrong_key(layers: list[Any], problem: str) -> Fault:
    return Fault(
        f"A key of {' or '.join(map(str, layers))} or of the command line is wrong: "
        f"{problem.rstrip('.')}.",
        "`compete train --help` shows all keys.",
    )


def _parser(sections: Sequence[str]) -> "ArgumentParser":
    from jsonargparse import ArgumentParser

    made = ArgumentParser(prog="compete train", exit_on_error=False, allow_abbrev=False)
    made.add_argument("--config", action="config", help="A YAML file of keys.")
    if "seed_everything" in sections:
        made.add_argument("--seed_everything", type=Seed, default=0, help="The random seed.")
    made.add_class_arguments(Competition, "competition", instantiate=False)
    if "data" in sections:
        settings = author("settings", "Settings")
        made.add_class_arguments(settings, "data", instantiate=False)
    if "model" in sections:
        skip = set(author("settings", "Settings").given_to_model)
        made.add_class_arguments(author("model", "Model"), "model", skip=skip, instantiate=False)
    if "trainer" in sections:
        module, name = author("settings", "Settings").trainer
        trainer = getattr(import_module(module), name)
        made.add_class_arguments(trainer, "trainer", instantiate=False)
    return made
