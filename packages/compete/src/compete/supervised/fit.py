"""Trains one fold, from its last checkpoint if there is one, and keeps what prediction needs."""

import os
import platform
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import lightning
import torch
import yaml
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint
from lightning.pytorch.strategies import DDPStrategy
from safetensors.torch import save_file
from torch import Tensor

from compete.contract import Contract
from compete.files import atomic_path, write_text
from compete.project import author, task_module
from compete.records import FoldRun, Prepared, Pretrained
from compete.supervised.datamodule import FoldDataModule
from compete.supervised.module import CompetitionModule
from compete.training.callbacks import EpochLine, MovingAverage, SeedEachBatch
from compete.training.config import Config, load_config
from compete.training.fingerprint import fingerprint
from compete.training.parallel import end_with_launcher
from compete.training.run_folder import drop_broken_logs, explain_dvclive
from compete.training.trainer import (
    Trainer,
    explain_torch,
    is_first_process,
    make_trainer,
    silence_advice,
)


def build(
    config: Config[Any], contract: Contract, fold: int
) -> tuple[FoldDataModule[Any], CompetitionModule]:
    """Return the data and the untrained model of a fold."""
    lightning.seed_everything(config.seed_everything + fold, workers=True, verbose=False)
    data: FoldDataModule[Any] = author("data", "Data").from_config(config, contract, fold)
    model: CompetitionModule = author("model", "Model")(contract, data, **config.model)
    return data, model


def check(config: Config[Any], contract: Contract, fold: int) -> None:
    """Build all that training a fold needs. Raise `Fault` for what can't be built."""
    data, _ = build(config, contract, fold)
    data.train_dataloader()


def fold_fingerprint(config: Config[Any], fold: int) -> str:
    """Return the digest of all that decides the result of `fit`."""
    return fingerprint(config, fold, __name__)


def fit(member: str, fold: int, overrides: list[str]) -> None:
    """Train one fold of a member and write its run's folder.

    Args:
        member: its name.
        fold: the fold that validates.
        overrides: keys of params.yaml as command-line arguments.

    Raises:
        Fault: the training diverged, or can't begin.
    """
    silence_advice()
    end_with_launcher()
    config, contract = load_config(member, overrides), Contract.load()
    run = FoldRun(fold_fingerprint(config, fold), member, fold)
    folder = FoldRun.folder(member, fold)
    before = FoldRun.load(member, fold)
    # As every process decides alike: the first may be about to delete an old checkpoint.
    resumes = before is not None and before.fingerprint == run.fingerprint
    if not resumes and is_first_process():
        shutil.rmtree(folder, ignore_errors=True)
        run.save()
    data, model = build(config, contract, fold)
    if is_first_process():
        began = before.pretrained if before and resumes else None
        run = replace(run, pretrained=began or _pretrained(config))
        run.save()
    section = config.trainer.clone()  # the other folds' fingerprints are of what the user said
    together = section.accumulate_grad_batches
    if not model.trains_in_steps:
        model.automatic_optimization = False
        section.max_epochs, section.accumulate_grad_batches = 1, 1
        section.gradient_clip_val = None
    elif section.max_epochs == "auto":
        section.max_epochs = model.auto_epochs(len(data.train_rows), data.batch_size * together)
    line = EpochLine(f"{member} fold {fold}")
    callbacks: list[lightning.Callback] = [
        *_stop_early(model, folder),
        ModelCheckpoint(
            folder,
            filename="last",
            save_top_k=1,
            save_on_train_epoch_end=True,  # never in an epoch's middle: loaders begin whole epochs
            enable_version_counter=False,
        ),
        SeedEachBatch(config.seed_everything + fold),
        line,
    ]
    if model.ema and model.trains_in_steps:
        callbacks.append(MovingAverage(model.ema))
    drop_broken_logs(folder)
    trainer: Trainer = make_trainer(section, folder, callbacks)
    if not model.trains_in_steps and isinstance(trainer.strategy, DDPStrategy):
        # PyTorch's wrapper averages gradients, and refuses a module that has none.
        trainer.strategy.configure_ddp = lambda: None  # type: ignore[method-assign]
    last, best = folder / "last.ckpt", folder / "best.ckpt"
    checkpoint = last if resumes and last.exists() else None
    start = time.monotonic()
    less = (
        f"Set `data.batch_size: {max(1, data.batch_size // 2)}` and "
        f"`trainer.accumulate_grad_batches: {2 * together}` in params.yaml: the optimizer sees the "
        "same batches."
    )
    try:
        with explain_dvclive(), explain_torch(trainer.world_size, less):
            trainer.fit(model, data, ckpt_path=checkpoint, weights_only=True)
    except SystemExit:  # Lightning turns Ctrl-C into it
        raise KeyboardInterrupt from None
    # The last epoch is not the best, had no validation, or a run died after it, before its end.
    kept = best if best.exists() else last
    if kept.exists() and (kept == best or line.validated_step != trainer.global_step):
        if kept == best:
            trainer.loggers = []  # they know its scores since its epoch
        model.load_state_dict(torch.load(kept, "cpu", weights_only=True)["state_dict"])
        trainer.validate(model, data, verbose=False)
    if trainer.is_global_zero:
        _keep(config, model, trainer, run, time.monotonic() - start)
    trainer.strategy.barrier()


def _stop_early(model: CompetitionModule, folder: Path) -> list[lightning.Callback]:
    """Return what stops the training of a model that asks for it, and keeps its best epoch."""
    if model.watched is None or not model.trains_in_steps:
        return []
    return [
        EarlyStopping(model.watched, patience=model.patience, check_on_train_epoch_end=False),
        ModelCheckpoint(
            folder,
            filename="best",
            monitor=model.watched,
            save_on_train_epoch_end=False,  # before the other, which knows it then
            enable_version_counter=False,
        ),
    ]


def _keep(
    config: Config[Any], model: CompetitionModule, trainer: Trainer, run: FoldRun, seconds: float
) -> None:
    folder = FoldRun.folder(run.member, run.fold)
    with atomic_path(folder / "model.safetensors") as beside:
        save_file(_weights(model), beside, {"format": "pt"})
    kept = config.kept()
    # A model of the author's own may lack the keys.
    kept["reload"] = {k: v for k, v in model.reload_overrides.items() if k in kept["model"]}
    # What is only told, and not read again, shows nothing of the author's disk.
    told = {key: _without_folders(kept["model"][key]) for key in kept["reload"]}
    kept["model"] = kept["model"] | told
    write_text(folder / "config.yaml", yaml.safe_dump(kept))
    scores = {
        key.removeprefix("val/"): value.item()
        for key, value in trainer.callback_metrics.items()
        if key.startswith("val/")
    }
    FoldRun(
        fingerprint=run.fingerprint,
        member=run.member,
        fold=run.fold,
        finished=True,
        prepared=Prepared.load().digest,
        scores=scores,
        epochs=trainer.current_epoch,
        seconds=round(seconds, 1),
        device=trainer.strategy.root_device.type,
        devices=trainer.world_size,
        hardware=_hardware(trainer.strategy.root_device),
        precision=str(trainer.precision),
        torch=torch.__version__,
        lightning=lightning.__version__,
        pretrained=run.pretrained,
    ).save()
    for left in (folder / "last.ckpt", folder / "best.ckpt", *folder.glob(".*.part")):
        Path(left).unlink(missing_ok=True)


def _pretrained(config: Config[Any]) -> Pretrained | None:
    """Return where the weights come from that the model was just built with."""
    try:
        task = task_module("pretrained")
    except ModuleNotFoundError:  # as the task of tables, whose models begin from scratch
        return None
    found: Pretrained | None = task.pretrained(config.model)
    return found


def _without_folders(value: Any) -> Any:
    return Path(value).name if isinstance(value, str) and Path(value).is_absolute() else value


def _weights(model: CompetitionModule) -> dict[str, Tensor]:
    """Return the model's tensors; what layers share once, by its first name.

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
    """Return what trained, as a person would call it."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{os.cpu_count()} cores of {platform.processor() or platform.machine()}"
