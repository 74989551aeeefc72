"""Predictions of trained folds: their validation rows, the test rows, or single samples."""

import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import lightning
import polars as pl
import torch
from lightning.fabric.utilities import move_data_to_device
from rich.progress import track
from safetensors import SafetensorError
from safetensors.torch import load_model
from torch import Tensor
from torch.utils.data import DataLoader

from compete.contract import Contract
from compete.errors import Fault, first_line
from compete.files import (
    FOLD,
    PREDICTIONS,
    PROCESSED,
    ROW_ID,
    atomic_path,
    digest,
    file_digest,
    read_yaml,
)
from compete.problems.base import Predictions
from compete.processed import read_rows, readable
from compete.project import author, package
from compete.records import FoldRun, Prepared, Scores
from compete.supervised.datamodule import FoldDataModule
from compete.supervised.module import CompetitionModule
from compete.training.config import LIGHT, Config, load_config, member_names
from compete.training.fingerprint import code_digest, imported
from compete.training.trainer import allow_tf32, explain_torch, machine_precision

_FINGERPRINT = "fingerprint"
_LESS_MEMORY = (
    "Close other programs that use it. Instead of on an NVIDIA GPU, it can predict on the CPU: "
    "set the environment variable CUDA_VISIBLE_DEVICES to -1."
)


def load_fold(
    contract: Contract,
    config: Config[Any],
    fold: int,
    loaded: CompetitionModule | None = None,
) -> tuple[FoldDataModule[Any], CompetitionModule]:
    """Return the data and the trained model of a finished fold, ready to predict.

    Args:
        contract: what the competition asks for.
        config: today's; the fold is built as it was trained.
        fold: the fold that validates.
        loaded: its model, where it was loaded before, for other test rows.

    Raises:
        Fault: the fold was trained by a model of another shape, or its files are broken.
    """
    folder = FoldRun.folder(config.member, fold)
    config = config.from_kept(read_yaml(folder / "config.yaml"))
    data: FoldDataModule[Any] = author("data", "Data").from_config(config, contract, fold)
    if loaded is not None:
        return data, loaded
    try:
        model: CompetitionModule = author("model", "Model")(contract, data, **config.model)
        load_model(model, folder / "model.safetensors")
    except (TypeError, RuntimeError, OSError, SafetensorError) as error:
        raise Fault(
            f"{folder} can't be loaded into today's model ({first_line(error)}).",
            "Run `compete train` again: it trains only what changed.",
        ) from error
    return data, model.eval()


def trained_folds(
    contract: Contract, rows: Sequence[int] | None = None
) -> list[tuple[str, int, list[int], FoldDataModule[Any], CompetitionModule]]:
    """Return member, fold, rows, data and model of the heaviest member that has trained folds.

    Args:
        contract: what the competition asks for.
        rows: training rows; each goes with the fold whose model never trained on it. None: the
            first trained fold, with all its validation rows.
    """
    prepared = Prepared.load()
    in_fold = read_rows(PROCESSED / "train.parquet", [FOLD])[FOLD]
    for member in members_by_weight():
        there = [
            fold
            for fold in range(prepared.folds)
            if FoldRun.is_finished(member, fold, prepared.digest)
        ]
        if not there:
            continue
        config, found = load_config(member, sections=LIGHT), []
        for fold in there:
            mine = [row for row in rows if in_fold[row] == fold] if rows is not None else None
            if mine is None or mine:
                data, model = load_fold(contract, config, fold)
                found.append((member, fold, mine or data.val_rows.tolist(), data, model))
            if rows is None:
                break
        return found
    return []


def members_by_weight() -> list[str]:
    """Return the members, the one that counts most in the blend first."""
    scores = Scores.load()
    weights = {name: one.weight for name, one in scores.members.items()} if scores else {}
    return sorted(member_names(), key=lambda name: -weights.get(name, 0))


def predict_fold(contract: Contract, member: str, fold: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the predictions of a fold's model for its validation rows and for the test rows.

    They are kept, and read where the model and the way to predict are those of before.
    """
    now, run = load_config(member), FoldRun.load(member, fold)
    code = imported((__name__, f"{package()}.data", f"{package()}.model"))
    mark = digest(
        [
            run.fingerprint if run else "",
            *(f"{key} {getattr(now.data, key)}" for key in sorted(now.data.changes_predictions)),
            file_digest(PROCESSED / "test.parquet"),
            *map(code_digest, code),
        ]
    )
    files = [PREDICTIONS / member / f"fold{fold}-{split}.parquet" for split in ("oof", "test")]
    with suppress(Fault):  # else they are made anew
        return _kept(files[0], mark), _kept(files[1], mark)
    data, model = load_fold(contract, now, fold)
    fabric, name = prediction_fabric(now, model), f"{member} fold {fold}"
    tables = [predict_split(split, data, model, fabric, name) for split in ("train", "test")]
    for file, table in zip(files, tables, strict=True):
        with atomic_path(file) as beside:
            table.write_parquet(beside, metadata={_FINGERPRINT: mark})
    return tables[0], tables[1]


def _kept(file: Path, mark: str) -> pl.DataFrame:
    """Return predictions that were kept. Raise `Fault` if there are none with this mark."""
    with readable(file, "predict"):
        if pl.read_parquet_metadata(file).get(_FINGERPRINT) != mark:
            raise ValueError("it was written before the last change")
        return pl.read_parquet(file)


def prediction_fabric(
    config: Config[Any], model: CompetitionModule, precision: str | None = None
) -> lightning.Fabric:
    """Move a model to where it predicts; return what casts its inputs there.

    Args:
        config: of the member.
        model: of one of its folds.
        precision: as Lightning names it; by default what `trainer.precision` says.
    """
    asked = precision or (config.trainer.precision if config.trainer else "auto")
    chosen: Any = machine_precision("auto") if asked in ("auto", None) else asked
    allow_tf32()
    fabric = lightning.Fabric(precision=chosen)
    model.to(fabric.device)
    return fabric


def predict_split(
    split: str,
    data: FoldDataModule[Any],
    model: CompetitionModule,
    fabric: lightning.Fabric,
    name: str,
) -> pl.DataFrame:
    """Return a fold's predictions for its validation rows (`train`) or for the test rows (`test`).

    Args:
        split: which of them.
        data: of the fold.
        model: of the fold, where it predicts.
        fabric: what casts the inputs.
        name: of the fold, to be shown.

    Raises:
        Fault: memory is too small.
    """
    if split == "train":
        loader, rows, what = data.val_dataloader(), data.val_rows, "out-of-fold"
    else:
        loader, rows, what = data.test_dataloader(), data.test_rows, split
    with explain_torch(1, _LESS_MEMORY):
        predictions = _predict(model, loader, data.views, fabric, f"{name} {what}")
    source = data.table[split][rows.tolist()]
    head = pl.DataFrame({"row": rows, "id": source[ROW_ID]})
    if split == "train":
        head = head.with_columns(fold=pl.lit(data.fold))
        head = data.problem.with_targets(head, source, data.targets[torch.from_numpy(rows)])
    return data.problem.with_predictions(head, predictions).sort("row")


@torch.inference_mode()
def _predict(
    model: CompetitionModule,
    loader: DataLoader[tuple[Any, Tensor]],
    views: Any,
    fabric: lightning.Fabric,
    name: str,
) -> Predictions:
    """Return the mean prediction over the inputs as they are and as each view shows them."""
    results: list[Tensor] = []
    texts: list[str] = []
    quiet = not sys.stdout.isatty()  # where it would print an empty line
    for inputs, _ in track(loader, name, transient=True, disable=quiet):
        here = move_data_to_device(inputs, model.device)
        with fabric.autocast():
            first = model.predict_batch(here)
            if isinstance(first, list):
                texts += first
                continue
            found = [first, *(model.predict_batch(view(here)) for view in views)]
        mean = torch.stack(found).mean(dim=0)  # type: ignore[arg-type]
        # A GPU copies while it goes on with the next batch; Apple's has no 64-bit numbers.
        results.append(mean.to("cpu", non_blocking=mean.is_cuda))
    if model.device.type == "cuda":
        torch.cuda.synchronize(model.device)
    return texts or torch.cat(results).double()
