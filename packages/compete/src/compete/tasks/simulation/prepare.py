"""`compete prepare`: asks the environment what it wants of an agent, and writes the contract."""

from dataclasses import fields
from typing import Any

from compete.contract import Competition
from compete.errors import Fault
from compete.files import CONTRACT, PARAMS, RECORD, note
from compete.project import module, package
from compete.records import CompetitionRecord
from compete.simulation_contract import SimulationContract
from compete.tasks.simulation.catalogue import (
    Environment,
    find_environment,
    make_gymnasium,
)
from compete.tasks.simulation.official import make_environment
from compete.tasks.simulation.settings import SimulationSettings
from compete.training.config import load_base


def prepare() -> None:
    """Write `contract.yaml`, and say what came from where.

    Raises:
        Fault: there is no such environment, or its arguments are wrong.
    """
    config = load_base()
    record = CompetitionRecord.read(RECORD) or CompetitionRecord()
    contract = make_contract(config.competition, config.data, record)
    contract.save()
    shown = ("environment", "version", "players", "action", "observation", "episode_steps")
    for key in (*shown, "act_timeout", "overage", "run_timeout", "deadline"):
        value, source = getattr(contract, key), contract.sources.get(key, "default")
        if value is not None:
            note(f"  {key:16} {_short(value)}  (from {source})")
    note(f"Wrote {CONTRACT}.")


def make_contract(
    competition: Competition, settings: SimulationSettings, record: CompetitionRecord
) -> SimulationContract:
    """Return what the competition asks of an agent, each value with its source.

    Raises:
        Fault: a key of `competition` has no effect, there is no such environment, its arguments
            are wrong, or it is for other numbers of players than the author's `PLAYERS`.
    """
    _refuse_keys_without_effect(competition)
    found = find_environment(settings.environment, competition.slug)
    told: dict[str, tuple[Any, str]] = {
        "slug": (competition.slug, str(PARAMS)),
        "title": (record.title, "Kaggle"),
        "environment": (found.name, found.source),
        "kind": (found.kind, found.package),
        "package": (found.package, "its metadata"),
        "deadline": (record.deadline, "Kaggle"),
        "max_daily_submissions": (record.max_daily_submissions, "Kaggle"),
    }
    ask = _ask_kaggle if found.kind == "kaggle" else _ask_gymnasium
    asked = {key: (value, found.package) for key, value in ask(found, settings).items()}
    told = asked | told if record.title else told | asked
    configured = f"{PARAMS} over {found.package}" if settings.environment_kwargs else found.package
    told["configuration"] = (told["configuration"][0], configured)
    players = getattr(module("environment"), "PLAYERS", None)
    if players is not None:
        allowed = told["players"][0]
        if players not in allowed:
            raise Fault(
                f"An episode of {found.name} is not for {players} players.",
                f"Set PLAYERS in src/{package()}/environment.py to one of {allowed}.",
            )
        told["players"] = ([players], "environment.py")
    if not told["title"][0]:
        told["title"] = (found.name, found.source)
    known = {key: pair for key, pair in told.items() if pair[0] is not None}
    sources = {key: source for key, (_, source) in known.items()}
    return SimulationContract(**{key: value for key, (value, _) in known.items()}, sources=sources)


def _refuse_keys_without_effect(competition: Competition) -> None:
    """Raise `Fault` for a key that says what a table of predictions holds: agents have none."""
    for key in fields(competition):
        if key.name != "slug" and getattr(competition, key.name) != key.default:
            raise Fault(
                f"`{key.name}` under `competition` has no effect: agents are rated by their games.",
                f"Delete `{key.name}` from params.yaml, or from the command.",
            )


def _ask_kaggle(found: Environment, settings: SimulationSettings) -> dict[str, Any]:
    made = make_environment(found.name, settings.environment_kwargs)
    specification, configuration = made.specification, dict(made.configuration)
    overage = specification.observation.get("remainingOverageTime", {}).get("default")
    if isinstance(configuration.get("remainingOverageTime"), int | float):
        overage = configuration["remainingOverageTime"]
    return {
        "title": specification.title,
        "version": str(specification.version),
        "players": [int(count) for count in specification.agents],
        "action": _plain(specification.action),
        "observation": _plain(specification.observation),
        "configuration": _plain(configuration),
        "episode_steps": configuration.get("episodeSteps"),
        "act_timeout": configuration.get("actTimeout"),
        "overage": overage,
        "run_timeout": configuration.get("runTimeout"),
    }


def _ask_gymnasium(found: Environment, settings: SimulationSettings) -> dict[str, Any]:
    made = make_gymnasium(found.name, **settings.environment_kwargs)
    spec = made.spec
    assert spec is not None
    values = {
        "version": "" if spec.version is None else f"v{spec.version}",
        "players": [1],
        "action": str(made.action_space),
        "observation": str(made.observation_space),
        "configuration": _plain(settings.environment_kwargs),
        "episode_steps": spec.max_episode_steps,
        "reward_threshold": spec.reward_threshold,
    }
    made.close()
    return values


def _plain(value: Any) -> Any:
    """Return a value of dictionaries, lists, numbers and texts only, as YAML writes them."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return str(value["description"]) if "description" in value else ", ".join(value)
    return str(value)
