"""`compete train`: fits every member on every fold; a finished fold is never trained again."""

import json
import logging
import os
import platform
import shutil
import time
import warnings
from pathlib import Path
from typing import Any

import lightning
import torch
import yaml
from jsonargparse import Namespace
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.utilities.exceptions import MisconfigurationException
from safetensors.torch import save_file
from torch import Tensor

from ..competition import Contract
from ..errors import Fault
from ..files import PROCESSED, RUNS, atomic_path, note, write_json, write_text
from .callbacks import EpochLine, MovingAverage, SeedEachBatch, WholeCheckpoints
from .config import Trainer, load_config, member_names, trainer_arguments
from .data import Data
from .fingerprint import fingerprint
from .lanes import lanes, run_all
from .model import Model


def train(fold: int | None, member: str | None, overrides: list[str]) -> None:
    """Fit the members (one, or all in `members/`) on the folds (one, or all).

    Args:
        overrides: keys of params.yaml as command-line arguments, such as `--model.lr 3e-4`.

    Raises:
        Fault: a key is wrong, `prepare` has not run, the weights can't be had.
    """
    quiet()
    members = [member] if member else member_names()
    configs = {name: load_config(name, overrides) for name in members}
    contract = Contract.load()
    count = prepared()["folds"]
    if fold is not None and not 0 <= fold < count:
        raise Fault(f"There is no fold {fold}.", f"The folds are 0 to {count - 1}.")
    asked = {
        name: _wanted_folds(config.data.trained_folds, count) if fold is None else [fold]
        for name, config in configs.items()
    }
    runs = [(name, k) for name in members for k in asked[name]]
    waiting = [run for run in runs if not _finished(*run, configs[run[0]])]
    for name in dict.fromkeys(name for name, _ in waiting):
        _check(configs[name], contract)  # before the first of many hours, not in the middle
    for name, k in runs:
        if (name, k) not in waiting:
            note(f"{name} fold {k}: finished before, kept")
    side_by_side = min((lanes(configs[name].trainer, len(runs)) for name, _ in waiting), default=1)
    run_all(_fit, [(name, k, overrides) for name, k in waiting], side_by_side)


def _wanted_folds(trained: int | str, count: int) -> list[int]:
    """The folds to train: of time-ordered ones the last have the longest past to learn from."""
    wanted = count if trained == "all" else int(trained)
    if not 1 <= wanted <= count:
        raise Fault(
            f"`trained_folds: {trained}` under `data` in params.yaml is no number of folds.",
            f"Set it to all, or to a number from 1 to {count}.",
        )
    return list(range(count - wanted, count))


def run_folder(member: str, fold: int) -> Path:
    """Where a fold's run lies."""
    return RUNS / member / f"fold{fold}"


def prepared() -> dict[str, Any]:
    """What `prepare` wrote down: the number of folds, a digest of rows and folds, sizes."""
    file = PROCESSED / "prepared.json"
    if not file.exists():
        raise Fault(f"{PROCESSED} is not there yet.", "Run `compete prepare` first.")
    facts: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return facts


def _is_first_process() -> bool:
    """Before there is a Trainer to ask; Lightning, torchrun and SLURM each set one of these."""
    ranks = (os.environ.get(name) for name in ("RANK", "SLURM_PROCID", "LOCAL_RANK"))
    return int(next((rank for rank in ranks if rank), "0")) == 0


def _state(folder: Path) -> dict[str, Any]:
    file = folder / "fold.json"
    state: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return state


def _finished(member: str, fold: int, config: Namespace) -> bool:
    state = _state(run_folder(member, fold))
    return bool(state.get("finished")) and state["fingerprint"] == fingerprint(config, fold)


def _make(config: Namespace, contract: Contract, fold: int) -> tuple[Data, Model]:
    seed = config.seed_everything + fold
    lightning.seed_everything(seed, workers=True, verbose=False)
    data = Data(contract=contract, fold=fold, seed=seed, **config.data.as_dict())
    return data, Model(contract=contract, data=data, **config.model.as_dict())


def _check(config: Namespace, contract: Contract) -> None:
    data, _ = _make(config, contract, 0)
    data.train_dataloader()


def _fit(member: str, fold: int, overrides: list[str]) -> None:
    """Train one fold, from its last checkpoint if there is one, and keep what prediction needs."""
    quiet()
    config, contract = load_config(member, overrides), Contract.load()
    folder = run_folder(member, fold)
    mark = fingerprint(config, fold)
    if _state(folder).get("fingerprint") != mark and _is_first_process():
        shutil.rmtree(folder, ignore_errors=True)
        write_json(folder / "fold.json", {"fingerprint": mark, "finished": False})
    data, model = _make(config, contract, fold)
    if config.trainer.max_epochs == "auto":
        config = config.clone()  # the other folds' fingerprints are of what the user said
        rows = len(data.train_rows)
        config.trainer.max_epochs = model.usual_epochs(rows, data.batch_size)
    checkpoint = ModelCheckpoint(
        folder, filename="last", save_top_k=1, enable_version_counter=False
    )
    ours: list[lightning.Callback] = [checkpoint, SeedEachBatch(config.seed_everything + fold)]
    ours.append(EpochLine(f"{member} fold {fold}"))
    if config.model.ema and any(weight.requires_grad for weight in model.parameters()):
        ours.append(MovingAverage(config.model.ema))
    _drop_halves(folder)
    trainer = _make_trainer(config, folder, ours)
    last = folder / "last.ckpt"
    start = time.monotonic()
    try:
        trainer.fit(model, data, ckpt_path=last if last.exists() else None, weights_only=True)
    except SystemExit:  # so Lightning ends what Ctrl-C has interrupted, without a word
        raise KeyboardInterrupt from None
    if not trainer.callback_metrics:  # an earlier run died after its last epoch, before its end
        model.load_state_dict(torch.load(last, "cpu", weights_only=True)["state_dict"])
        trainer.validate(model, data, verbose=False)
    if trainer.is_global_zero:
        _keep(folder, config, model, trainer, mark, time.monotonic() - start)
    trainer.strategy.barrier()


def _drop_halves(folder: Path) -> None:
    """Remove what DVCLive was killed in the middle of writing: it would not go on from that."""
    for file in (*folder.rglob("dvclive/metrics.json"), *folder.rglob("dvclive/params.yaml")):
        try:
            whole = isinstance(yaml.safe_load(file.read_text(encoding="utf-8")), dict)
        except (yaml.YAMLError, UnicodeDecodeError):
            whole = False
        if not whole:
            file.unlink()


def _make_trainer(config: Namespace, folder: Path, ours: list[lightning.Callback]) -> Trainer:
    try:
        arguments = trainer_arguments(config, folder.as_posix())
        arguments["callbacks"] = [*(arguments["callbacks"] or []), *ours]
        if str(config.trainer.strategy).startswith(("auto", "ddp")):  # others write their own way
            arguments["plugins"] = [*(arguments["plugins"] or []), WholeCheckpoints()]
        return Trainer(**arguments)
    except (MisconfigurationException, ImportError, ValueError) as error:
        raise Fault(
            f"Lightning can't make this trainer: {str(error).splitlines()[0]}",
            "Correct the key under `trainer` in params.yaml.",
        ) from None


def _keep(
    folder: Path, config: Namespace, model: Model, trainer: Trainer, mark: str, seconds: float
) -> None:
    with atomic_path(folder / "model.safetensors") as beside:
        save_file(_weights(model), beside, {"format": "pt"})
    kept = {name: config[name].as_dict() for name in ("data", "model")}
    kept["model"] |= model.rebuild
    write_text(folder / "config.yaml", yaml.safe_dump(kept | {"seed": config.seed_everything}))
    scores = {
        key.removeprefix("val/"): value.item()
        for key, value in trainer.callback_metrics.items()
        if key.startswith("val/")
    }
    facts = {
        "fingerprint": mark,
        "finished": True,
        "prepared": prepared()["digest"],
        "scores": scores,
        "epochs": trainer.current_epoch,
        "seconds": round(seconds, 1),
        "device": trainer.strategy.root_device.type,
        "devices": trainer.world_size,
        "hardware": _hardware(trainer.strategy.root_device),
        "precision": trainer.precision,
        "torch": torch.__version__,
        "lightning": lightning.__version__,
    }
    write_json(folder / "fold.json", facts)
    for left in (folder / "last.ckpt", *folder.glob(".*.part")):
        left.unlink(missing_ok=True)


def _weights(model: Model) -> dict[str, Tensor]:
    """The model's tensors; what layers share once, by its first name.

    safetensors' own `save_model` chooses among the names by chance: equal models, unequal files.
    """
    state: dict[str, Tensor] = model.state_dict()
    first: dict[tuple[int, torch.Size], str] = {}
    return {
        name: tensor.contiguous()
        for name, tensor in state.items()
        if first.setdefault((tensor.data_ptr() or id(tensor), tensor.shape), name) == name
    }


def _hardware(device: torch.device) -> str:
    """What trained, as a person would call it."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{os.cpu_count()} cores of {platform.processor() or platform.machine()}"


def quiet() -> None:
    """Lightning's advice is for those who write loops; ours are written."""
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module=r"lightning\.(pytorch|fabric)")
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
