"""The weights of a policy in a file that holds nothing but numbers."""

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from compete.errors import Fault, first_line
from compete.files import atomic_path


def save_policy(policy: nn.Module, path: Path) -> None:
    """Write the weights of a policy; those that layers share once, by their first name."""
    first: dict[tuple[int, torch.Size], str] = {}
    tensors = {
        name: tensor.detach().cpu().contiguous()
        for name, tensor in policy.state_dict().items()
        if first.setdefault((tensor.data_ptr() or id(tensor), tensor.shape), name) == name
    }
    with atomic_path(path) as beside:
        save_file(tensors, beside, {"format": "pt"})


def load_policy(policy: nn.Module, path: Path, remedy: str) -> None:
    """Put the weights of a file into a policy.

    Args:
        policy: of the same network.
        path: of the file.
        remedy: what to do if they do not fit.

    Raises:
        Fault: the file is missing or broken, or is of another network.
    """
    try:
        tensors: dict[str, Tensor] = load_file(path)
    except (OSError, SafetensorError) as error:
        raise Fault(f"The agent {path} can't be loaded: {first_line(error)}.", remedy) from None
    shared = {
        (tensor.data_ptr() or id(tensor), tensor.shape): tensors[name]
        for name, tensor in policy.state_dict().items()
        if name in tensors
    }
    whole = {
        name: shared.get((tensor.data_ptr() or id(tensor), tensor.shape))
        for name, tensor in policy.state_dict().items()
    }
    fits = {name: tensor for name, tensor in whole.items() if tensor is not None}
    try:
        if strange := tensors.keys() - whole.keys():
            raise RuntimeError(f"it has weights {min(strange)!r} that this network lacks")
        policy.load_state_dict(fits)
    except RuntimeError as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        raise Fault(
            f"The agent {path} is of another network: {lines[-1].rstrip('.')}.", remedy
        ) from None
