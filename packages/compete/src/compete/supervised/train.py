"""`compete train`: trains all members on all folds, and skips finished folds."""

from typing import Any

from compete.contract import Contract
from compete.errors import Fault
from compete.files import note
from compete.records import FoldRun, Prepared
from compete.supervised.fit import check, fit, fold_fingerprint
from compete.supervised.staleness import refuse_stale
from compete.training.config import Config, load_config, member_names
from compete.training.parallel import run_parallel, worker_count
from compete.training.trainer import silence_advice


def train(fold: int | None, member: str | None, overrides: list[str]) -> None:
    """Fit the members (one, or all in `members/`) on the folds (one, or all).

    Args:
        fold: the only fold to train; None: all.
        member: the only member to train; None: all.
        overrides: keys of params.yaml as command-line arguments, such as `--model.lr 3e-4`.

    Raises:
        Fault: a key is wrong, `prepare` has not run or must run again, the weights can't be loaded.
    """
    silence_advice()
    members = [member] if member else member_names()
    configs = {name: load_config(name, overrides) for name in members}
    contract, count = Contract.load(), Prepared.load().folds
    refuse_stale(configs)
    if fold is not None and not 0 <= fold < count:
        raise Fault(f"There is no fold {fold}.", f"The folds are 0 to {count - 1}.")
    folds = {
        name: _folds_to_train(config.data.trained_folds, count) if fold is None else [fold]
        for name, config in configs.items()
    }
    runs = [(name, k) for name in members for k in folds[name]]
    waiting = [run for run in runs if not _is_finished(configs[run[0]], run[1])]
    first = dict(reversed(waiting))
    for name, k in first.items():
        check(configs[name], contract, k)  # before the first of many hours, not in the middle
    for name, k in runs:
        if (name, k) not in waiting:
            note(f"{name} fold {k}: already finished, kept")
    at_once = min((worker_count(configs[n].trainer, len(runs)) for n, _ in waiting), default=1)
    run_parallel(fit, [(name, k, overrides) for name, k in waiting], at_once)


def _folds_to_train(trained: int | str, count: int) -> list[int]:
    """Return the last folds: of time-ordered ones they have the longest past to learn from."""
    wanted = count if trained == "all" else int(trained)
    if not 1 <= wanted <= count:
        raise Fault(
            f"`trained_folds: {trained}` under `data` in params.yaml is no number of folds.",
            f"Set it to all, or to a number from 1 to {count}.",
        )
    return list(range(count - wanted, count))


def _is_finished(config: Config[Any], fold: int) -> bool:
    run = FoldRun.load(config.member, fold)
    return run is not None and run.finished and run.fingerprint == fold_fingerprint(config, fold)
