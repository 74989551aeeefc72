"""Skills that follow from what a project did, for cards that do not name them."""

from collections.abc import Mapping
from typing import Any

_OF_TASK = {
    "image": ("computer vision", "transfer learning"),
    "tabular": ("tabular data", "gradient boosting"),
    "text": ("natural language processing", "transfer learning"),
    "translation": ("machine translation",),
    "simulation": ("reinforcement learning", "self-play"),
    "generative": ("generative models",),
    "classification": ("classification",),
    "multilabel": ("multi-label classification",),
    "regression": ("regression",),
}
# Read in the lines for a CV.
_TOOLS = ("PyTorch Lightning", "Stable-Baselines3", "DVC")


def derive_skills(task: str, card: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the skills that a card proves.

    Args:
        task: its task in small letters.
        card: as it was read.
    """
    score, members = card.get("score"), card.get("members")
    folds = score.get("cv_folds") if isinstance(score, dict) else None
    found = list(_OF_TASK.get(task, ()))
    if isinstance(folds, list) and len(folds) > 1:
        found.append("cross-validation")
    if isinstance(members, dict) and len(members) > 1:
        found.append("ensembling")
    lines = card.get("cv_lines")
    said = " ".join(map(str, lines)) if isinstance(lines, list) else ""
    return tuple(found + [tool for tool in _TOOLS if tool in said])
