"""Which weights a timm backbone began with."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import timm

from compete.records import Pretrained
from compete.training.pretrained import from_disk, from_hub


def pretrained(model: Mapping[str, Any]) -> Pretrained | None:
    """Return the origin of the weights that `build_backbone` has loaded, None if it loaded none.

    Args:
        model: the section `model` of params.yaml.
    """
    name, weights = str(model.get("backbone", "")), str(model.get("weights", "none"))
    if weights == "none":
        return None
    if weights != "hub":
        return from_disk(Path(weights))
    scheme, _, rest = name.partition(":")
    if scheme in ("hf-hub", "hf_hub"):
        repository, _, revision = rest.partition("@")
        return from_hub(repository, revision or None)
    if scheme == "local-dir":
        return from_disk(Path(rest))
    known = timm.get_pretrained_cfg(name)
    if known is None or not known.has_weights:
        return None
    stated = known.license or ""
    if known.hf_hub_id:
        return from_hub(known.hf_hub_id, license_name=stated)
    return Pretrained(source=str(known.url or name), kind="url", license=stated)
