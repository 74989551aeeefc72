"""The libraries and techniques of a project, from the settings of its runs."""

from collections.abc import Mapping
from typing import Any

from compete.files import read_yaml
from compete.portfolio.supervised.state import SupervisedState
from compete.records import FoldRun

_LIBRARIES = {
    "image": ["PyTorch Lightning", "timm"],
    "text": ["PyTorch Lightning", "Hugging Face Transformers"],
    "translation": ["PyTorch Lightning", "Hugging Face Transformers"],
    "tabular": ["PyTorch Lightning"],
}
# What a backbone of this name is made with; others are what a library of the task offers.
_BACKBONES = {
    "catboost": ["CatBoost", "gradient boosting"],
    "kernel": ["scikit-learn", "kernel methods"],
    "tabm": ["PyTorch Lightning", "TabM"],
    "tabm-mini": ["PyTorch Lightning", "TabM"],
    "tfidf": ["scikit-learn", "TF-IDF"],
}
_SETTINGS = {
    ("model", "mixup"): "mixup",
    ("model", "cutmix"): "CutMix",
    ("model", "lora"): "LoRA",
    ("data", "test_time_augmentation"): "test-time augmentation",
}


def skills(state: SupervisedState) -> list[str]:
    """Return the names of libraries and techniques, the most telling first."""
    found = [state.kind]
    for config in _configs(state):
        model = config.get("model") or {}
        backbone = str(model.get("backbone", ""))
        found += _BACKBONES.get(backbone, _LIBRARIES.get(state.task, []))
        found += [
            name
            for (section, key), name in _SETTINGS.items()
            if (config.get(section) or {}).get(key)
        ]
    if any(run.pretrained for run in state.runs):
        found.append("transfer learning")
    if any(run.precision.split("-")[0] in ("16", "bf16") for run in state.runs):
        found.append("mixed precision")
    if any(run.devices > 1 for run in state.runs):
        found.append("distributed training")
    if state.cv and len(state.cv.folds) > 1:
        found.append("cross-validation")
    if state.scores and state.scores.blended > 1:
        found.append("ensembling")
    return list(dict.fromkeys([*found, "DVC"]))


def _configs(state: SupervisedState) -> list[Mapping[str, Any]]:
    """Return the settings of each member's first finished fold."""
    first = {run.member: run for run in reversed(state.runs)}
    paths = [FoldRun.folder(run.member, run.fold) / "config.yaml" for run in first.values()]
    return [read_yaml(path) for path in paths if path.exists()]
