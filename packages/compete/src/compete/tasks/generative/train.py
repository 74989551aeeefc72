"""`compete train`: trains every member; a finished one is never trained again."""

from typing import Any

from compete.errors import Fault
from compete.files import note
from compete.generative_records import GanRun
from compete.tasks.generative.fit import check, fit, gan_fingerprint
from compete.training.config import Config, load_config, member_names
from compete.training.trainer import silence_advice


def train(fold: int | None, member: str | None, overrides: list[str]) -> None:
    """Train the members (one, or all in `members/`), one after the other.

    Args:
        fold: there are none.
        member: the only member to train; None: all.
        overrides: keys of params.yaml as command-line arguments, such as `--model.lr 1e-3`.

    Raises:
        Fault: a key is wrong, or `prepare` has not run.
    """
    silence_advice()
    members = [member] if member else member_names()
    configs = {name: load_config(name, overrides) for name in members}
    if fold is not None:
        raise Fault(
            "Generative projects have no folds.",
            "Leave out `--fold`; `--member` trains one.",
        )
    waiting = [name for name, config in configs.items() if not _is_finished(config)]
    for name in waiting:
        check(configs[name])  # before the first of many hours, and before anything is deleted
    for name in members:
        if name in waiting:
            fit(name, overrides)
        else:
            note(f"{name}: already finished, kept")


def _is_finished(config: Config[Any]) -> bool:
    run = GanRun.load(config.member)
    return run is not None and run.finished and run.fingerprint == gan_fingerprint(config)
