"""`compete train`: trains every member; a finished one is never trained again."""

from typing import Any

from compete.errors import Fault
from compete.files import note
from compete.simulation_contract import SimulationContract
from compete.simulation_records import AgentRun
from compete.tasks.simulation.fit import agent_fingerprint, check, fit, record
from compete.training.config import Config, load_config, member_names


def train(fold: int | None, member: str | None, overrides: list[str]) -> None:
    """Train the members (one, or all in `members/`), one after the other.

    Args:
        fold: a simulation has none.
        member: the only member to train; None: all.
        overrides: keys of params.yaml as command-line arguments, such as `--model.gamma 0.98`.

    Raises:
        Fault: a key is wrong, or `prepare` has not run.
    """
    members = [member] if member else member_names()
    configs = {name: load_config(name, overrides) for name in members}
    if fold is not None:
        raise Fault("A simulation has no folds.", "Leave out `--fold`; `--member` trains one.")
    SimulationContract.load()
    waiting = [name for name, config in configs.items() if not _is_finished(config)]
    for name in waiting:
        check(configs[name])  # before the first of many hours, and before anything is deleted
    for name, config in configs.items():
        if name not in waiting:
            note(f"{name}: already finished, kept")
        else:
            fit(config)
        record(config)


def _is_finished(config: Config[Any]) -> bool:
    run = AgentRun.load(config.member)
    return run is not None and run.finished and run.fingerprint == agent_fingerprint(config)
