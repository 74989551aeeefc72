"""What the report shows of pictures: the pictures, and which parts of them the answers rest on."""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from PIL import Image

from ..competition import Contract
from ..exhibits import Exhibit, Input
from ..files import PROCESSED
from .store import BadPicture, Picture, decode

if TYPE_CHECKING:
    from torch import Tensor

_SHOWN = 128  # pixels a side
_FOR, _AGAINST = (213, 94, 0), (0, 114, 178)  # told apart with every kind of colour vision
_PATCHES = 8  # patches that cover a side, each half over its neighbour


def inputs(contract: Contract, rows: Sequence[int]) -> Sequence[Input]:
    """The pictures of some training rows, by their numbers."""
    return [_webp(picture) for picture in _pictures(rows)]


def explain(contract: Contract, rows: Sequence[int]) -> list[Exhibit]:
    """Occlusion maps (Zeiler and Fergus, 2014) by models that never trained on these rows."""
    from .config import by_weight
    from .predict import is_finished, load_fold
    from .train import prepared, run_folder

    folds = pl.read_parquet(PROCESSED / "train.parquet", columns=["fold"])["fold"]
    digest, member = prepared()["digest"], by_weight()[0]
    items: list[tuple[str, Input]] = []
    for fold in sorted({folds[row] for row in rows}):
        mine = [row for row in rows if folds[row] == fold]
        if fold < 0 or not is_finished(run_folder(member, fold), digest):
            continue
        _, model = load_fold(contract, member, fold)
        for row, picture in zip(mine, _pictures(mine), strict=True):
            heat, answer = _occlusion(model, picture)
            name = (contract.classes or contract.target_columns)[answer]
            items.append((f"row {row}: what speaks for {name}", _webp(_painted(picture, heat))))
    if not items:
        return []
    text = (
        f"A patch of the picture is covered, everywhere in turn, and member {member} is asked "
        "again. Orange: without this part the answer is less probable (or lower). Blue: more so."
    )
    return [Exhibit("Where it looks", text, items)]


def _occlusion(model: Any, picture: Picture) -> tuple[NDArray[np.float32], int]:
    """What covering each pixel's surroundings takes from the answer `(h, w)`, and which it was."""
    import torch
    from captum.attr import Occlusion

    x = torch.from_numpy(picture).permute(2, 0, 1).expand(3, -1, -1)[None].float()

    def ask(batch: "Tensor") -> "Tensor":
        answers: Tensor = model.predict_batch(batch)
        return answers

    with torch.inference_mode():
        answer = int(ask(x).argmax())
        size = max(2, 2 * x.shape[-1] // (_PATCHES + 1))
        heat: Tensor = Occlusion(ask).attribute(
            x,
            sliding_window_shapes=(3, size, size),
            strides=(3, max(1, size // 2), max(1, size // 2)),
            baselines=x.mean(dim=(2, 3), keepdim=True).expand_as(x),
            target=answer,
            perturbations_per_eval=16,
        )
    return heat[0].mean(dim=0).numpy(), answer


def _painted(picture: Picture, heat: NDArray[np.float32]) -> Picture:
    """The picture in grey under orange where `heat` is positive and blue where it is negative."""
    grey = np.broadcast_to(picture.mean(axis=2, keepdims=True), (*picture.shape[:2], 3))
    strength = (np.abs(heat) / max(float(np.abs(heat).max()), 1e-12))[:, :, None] * 0.7
    colour = np.where(heat[:, :, None] > 0, np.array(_FOR), np.array(_AGAINST))
    return (grey * (1 - strength) + colour * strength).astype(np.uint8)


def _pictures(rows: Sequence[int]) -> list[Picture]:
    """The stored pictures of some training rows, uint8 `(h, w, channels)`."""
    file = PROCESSED / "train.npy"
    if file.exists():
        return list(np.load(file, mmap_mode="r")[list(rows)])
    facts = json.loads((PROCESSED / "prepared.json").read_text(encoding="utf-8"))
    size, channels = facts["size"], facts["channels"]
    paths = pl.read_parquet(PROCESSED / "train.parquet", columns=["path"])["path"]
    found = []
    for row in rows:
        try:
            found.append(decode(Path(paths[row] or ""), size, channels))
        except BadPicture:
            found.append(np.zeros((size, size, channels), dtype=np.uint8))
    return found


def _webp(picture: Picture) -> bytes:
    image = Image.fromarray(picture if picture.shape[2] == 3 else picture[:, :, 0])
    image.thumbnail((_SHOWN, _SHOWN))
    file = io.BytesIO()
    image.save(file, "WEBP", quality=80)
    return file.getvalue()
