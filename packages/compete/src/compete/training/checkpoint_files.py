"""Loads a file of pretrained weights into a timm model, in any common format."""

import argparse
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning.fabric.utilities.data import AttributeDict
from timm.models import load_state_dict
from torch import Tensor, nn

from compete.errors import Fault, first_line
from compete.training.parallel import note_once

State = dict[str, Tensor]
_PREFIXES = ("module.", "_orig_mod.", "model.", "backbone.", "net.", "network.", "encoder.")
_MIN_LOADED = 0.9
# Harmless values that trainers leave in checkpoints beside the tensors; the list is closed.
_HARMLESS = [
    argparse.Namespace,
    AttributeDict,
    np.dtype,
    np.dtypes.Float32DType,
    np.dtypes.Float64DType,
    np.dtypes.Int64DType,
    np._core.multiarray.scalar,  # type: ignore[attr-defined]
]


def load_file(model: nn.Module, path: Path, name: str = "the backbone") -> None:
    """Load a checkpoint into `model` and say what did and did not load.

    Understands safetensors and PyTorch files, wrapped by Lightning, NVIDIA NGC, DDP or
    `torch.compile`, and files with the same tensors in the same order under other names.

    Raises:
        Fault: the file is missing, unsafe or broken, or holds another architecture.
    """
    found = _read(path)
    wanted = model.state_dict()
    filtered = getattr(model, "checkpoint_filter_fn", None)
    found = _strip(filtered(found, model) if filtered else found, wanted)
    fitting = {key: value for key, value in found.items() if _fits(wanted, key, value)}
    how = "by name"
    if len(fitting) < _MIN_LOADED * len(_body(wanted, model)) and _same_order(found, wanted):
        fitting, how = dict(zip(wanted, found.values(), strict=True)), "in order"
    head = set(wanted) - set(_body(wanted, model))
    missing = sorted(set(wanted) - set(fitting) - head)
    if len(missing) > (1 - _MIN_LOADED) * len(_body(wanted, model)):
        raise Fault(
            f"{path} does not fit {name}: {len(missing)} of {len(wanted)} tensors are missing or "
            f"of another shape ({', '.join(missing[:3])}, …).",
            "Set `backbone:` under `model` in params.yaml to the model this file was saved from.",
        )
    model.load_state_dict(fitting, strict=False)
    unused = len(set(found) - set(fitting)) if how == "by name" else 0
    note_once(
        f"{path.name}: loaded {len(fitting)} of {len(wanted)} tensors {how}; "
        f"not loaded: {', '.join(missing) or 'none'} besides the head; unused: {unused}."
    )


def _read(path: Path) -> State:
    if not path.is_file():
        raise Fault(
            f"There is no file {path} with weights.",
            "Set `weights:` under `model` in params.yaml to hub, none, or an existing file.",
        )
    try:
        with torch.serialization.safe_globals(_HARMLESS):
            found: dict[str, Any] = load_state_dict(str(path), weights_only=True)
    except pickle.UnpicklingError as error:
        raise Fault(
            f"{path} holds more than weights; loading it could run code ({first_line(error)}).",
            "Save only its state dict, preferably as .safetensors, and use that file.",
        ) from None
    except Exception as error:  # torch, zipfile and safetensors each raise their own
        raise Fault(
            f"{path} can't be read as a checkpoint ({first_line(error)}).", "Download it again."
        ) from None
    tensors = {key: value for key, value in found.items() if isinstance(value, Tensor)}
    if not tensors:
        raise Fault(f"{path} contains no tensors.", "Is it a checkpoint? Choose another file.")
    return tensors


def _strip(found: State, wanted: State) -> State:
    """Take wrappers' prefixes off the names, as long as that makes more of them known."""
    while True:
        candidates = [found]
        for prefix in _PREFIXES:
            cut = {k.removeprefix(prefix): v for k, v in found.items() if k.startswith(prefix)}
            candidates.append(cut)
        best = max(candidates, key=lambda state: sum(key in wanted for key in state))
        if best is found:
            longest = max(candidates[1:], key=len)
            if sum(key in wanted for key in found) or len(longest) < _MIN_LOADED * len(found):
                return found
            best = longest
        found = best


def _fits(wanted: State, key: str, value: Tensor) -> bool:
    return key in wanted and wanted[key].shape == value.shape


def _same_order(found: State, wanted: State) -> bool:
    return len(found) == len(wanted) and all(
        a.shape == b.shape for a, b in zip(found.values(), wanted.values(), strict=True)
    )


def _body(wanted: State, model: nn.Module) -> list[str]:
    """Return the tensors that are not of the classifier."""
    heads = model.pretrained_cfg["classifier"]  # type: ignore[index]
    names = (heads,) if isinstance(heads, str) else tuple(heads or ())
    return [key for key in wanted if not key.startswith(tuple(f"{name}." for name in names))]
