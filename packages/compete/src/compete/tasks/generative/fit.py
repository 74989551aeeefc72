"""Trains one member, from its last checkpoint if there is one, and keeps its generator."""

import os
import platform
import shutil
from dataclasses import asdict, replace
from importlib import metadata
from math import ceil
from typing import Any

import lightning
import torch
import yaml
from lightning.pytorch.callbacks import ModelCheckpoint

from compete.files import write_text
from compete.generative_records import GanRun
from compete.project import author
from compete.tasks.generative.callbacks import Progress, save_weights
from compete.tasks.generative.data import GanDataModule
from compete.tasks.generative.module import GanModule
from compete.tasks.generative.trainer import Trainer
from compete.training.config import Config, load_config
from compete.training.fingerprint import fingerprint
from compete.training.parallel import end_with_launcher
from compete.training.run_folder import drop_broken_logs, explain_dvclive
from compete.training.trainer import (
    explain_torch,
    is_first_process,
    make_trainer,
    silence_advice,
)

_PACKAGES = ("torch", "lightning", "numpy")


def gan_fingerprint(config: Config[Any]) -> str:
    """Return the digest of all that decides the result of `fit`."""
    return fingerprint(config, 0, __name__)


def build(config: Config[Any]) -> tuple[GanDataModule, GanModule]:
    """Return the data and the untrained networks. Raise `Fault` for what can't be built."""
    lightning.seed_everything(config.seed_everything, workers=True, verbose=False)
    made: type[GanModule] = author("model", "Model")
    stretch = max(1, round(config.trainer.checkpoint_kimg * 1000 / config.data.batch_size))
    data = GanDataModule(config.data, config.seed_everything, stretch, made.translates)
    return data, made.from_values(data.facts, config.model)


def check(config: Config[Any]) -> None:
    """Make all that a training needs, and write nothing. Raise `Fault` for what can't be made."""
    section = config.trainer.clone()
    section.logger = False  # they begin to write when they are made
    trainer = make_trainer(section, GanRun.folder(config.member), [], Trainer)
    data, _ = build(config)
    data.trainer = trainer
    data.train_dataloader()


def fit(member: str, overrides: list[str]) -> None:
    """Train one member and write its run's folder.

    Args:
        member: its name.
        overrides: keys of params.yaml as command-line arguments.

    Raises:
        Fault: the training diverged, or can't begin.
    """
    silence_advice()
    end_with_launcher()
    config = load_config(member, overrides)
    run = GanRun(gan_fingerprint(config), member)
    folder = GanRun.folder(member)
    before = GanRun.load(member)
    # As every process decides alike: the first may be about to delete an old checkpoint.
    resumes = before is not None and before.fingerprint == run.fingerprint
    if not resumes and is_first_process():
        shutil.rmtree(folder, ignore_errors=True)
        run.save()
    data, model = build(config)
    section = config.trainer
    total = ceil(section.total_kimg * 1000 / config.data.batch_size)
    progress = Progress(member, folder, total, section.snapshots)
    checkpoints = ModelCheckpoint(
        folder,
        filename="last",
        save_top_k=1,
        save_on_train_epoch_end=True,
        enable_version_counter=False,
    )
    drop_broken_logs(folder)
    trainer = make_trainer(section, folder, [progress, checkpoints], Trainer)
    last = folder / "last.ckpt"
    checkpoint = last if resumes and last.exists() else None
    try:
        less = "Lower `data.batch_size` or `model.network.width` in params.yaml."
        with explain_dvclive(), explain_torch(trainer.world_size, less):
            trainer.fit(model, data, ckpt_path=checkpoint, weights_only=True)
    except SystemExit:  # Lightning turns Ctrl-C into it
        raise KeyboardInterrupt from None
    if trainer.is_global_zero:
        _keep(config, data, model, trainer, progress, run)
    trainer.strategy.barrier()


def _keep(
    config: Config[Any],
    data: GanDataModule,
    model: GanModule,
    trainer: Trainer,
    progress: Progress,
    run: GanRun,
) -> None:
    folder = GanRun.folder(run.member)
    save_weights(model.averaged, folder / "generator.safetensors")
    kept = {"images": asdict(data.facts), **config.kept()}
    write_text(folder / "config.yaml", yaml.safe_dump(kept))
    device = trainer.strategy.root_device
    replace(
        run,
        finished=True,
        kind="translate" if model.translates else "generate",
        image_size=model.images.size,
        channels=model.images.channels,
        backbone=model.network.backbone,
        augment=model.augment.settings.kind,
        seed=config.seed_everything,
        kimg=round(model.number * model.images.batch_size / 1000, 3),
        images=len(data.arrays["images"]),
        p=round(float(model.augment.p), 4),
        sign=round(float(model.sign), 4),
        parameters=sum(weight.numel() for weight in model.generator.parameters()),
        discriminator_parameters=sum(w.numel() for w in model.discriminator.parameters()),
        images_per_second=round(progress.speed, 1),
        seconds=round(progress.seconds, 1),
        device=device.type,
        devices=trainer.world_size,
        hardware=_hardware(device),
        precision=str(trainer.precision),
        versions={name: metadata.version(name) for name in _PACKAGES},
    ).save()
    for left in (folder / "last.ckpt", *folder.glob(".*.part")):
        left.unlink(missing_ok=True)


def _hardware(device: torch.device) -> str:
    """Return what trained, as a person would call it."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{os.cpu_count()} cores of {platform.processor() or platform.machine()}"
