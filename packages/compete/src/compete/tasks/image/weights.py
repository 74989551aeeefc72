"""Builds a timm backbone with pretrained weights: from the hub, from a local file, or none."""

from pathlib import Path
from typing import Any

import timm

from compete.errors import Fault, first_line
from compete.tasks.image.depthwise_padding import pad_small_maps
from compete.training.checkpoint_files import load_file


def build_backbone(name: str, weights: str, outputs: int, size: int, drop_path: float) -> Any:
    """Return a timm model with a fresh head.

    Args:
        name: any name that timm knows.
        weights: `hub`, `none`, or the path of a checkpoint.
        outputs: how many numbers the head gives.
        size: the side of the images in pixels, for backbones that are made for one size.
        drop_path: rate of stochastic depth.

    Raises:
        Fault: the name is unknown or has no stochastic depth, the hub can't be reached, or the
            file does not fit.
    """
    hub = weights == "hub"
    options: dict[str, Any] = {"drop_path_rate": drop_path} if drop_path else {}
    model: Any
    try:
        model = timm.create_model(name, pretrained=hub, **options)
    except Exception as error:  # each version of the hub's client has its own kinds
        if "Unknown model" in str(error) or "Invalid pretrained tag" in str(error):
            near = timm.list_models(f"*{name.split('.')[0].split('_')[0]}*")[:5]
            raise Fault(
                f"timm has no model {name!r}.",
                f"Set `backbone:` under `model` in params.yaml, for example to one of {near}.",
            ) from None
        if "drop_path_rate" in str(error):
            raise Fault(
                f"{name} has no stochastic depth.",
                "Set `drop_path: 0` under `model` in params.yaml.",
            ) from None
        if not hub:
            raise
        raise Fault(
            f"The weights of {name} can't be fetched from the hub ({first_line(error)}).",
            "Check the network; or set `weights:` under `model` in params.yaml to the path of a "
            "checkpoint (.safetensors, .pth), or to none to train from scratch.",
        ) from None
    if weights not in ("hub", "none"):
        load_file(model, Path(weights), name)
    model.reset_classifier(outputs)
    if hasattr(model, "set_input_size"):
        model.set_input_size(img_size=(size, size))
    pad_small_maps(model, size)
    return model
