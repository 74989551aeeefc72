"""Which weights a model of Hugging Face began with."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from compete.records import Pretrained
from compete.training.pretrained import from_disk, from_hub


def pretrained(model: Mapping[str, Any]) -> Pretrained | None:
    """Return the origin of the weights that `load_model` has loaded, None if it loaded none.

    Args:
        model: the section `model` of params.yaml.
    """
    backbone, weights = str(model.get("backbone", "")), str(model.get("weights", "none"))
    if weights == "none":
        return None
    source = backbone if weights == "hub" else weights
    return from_disk(Path(source)) if Path(source).is_dir() else from_hub(source)
