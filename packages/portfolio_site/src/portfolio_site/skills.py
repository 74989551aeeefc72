"""Skills that follow from what a project did, for cards that do not name them."""

from collections.abc import Mapping
from typing import Any

_OF_TASK = {
    "image": ("Computer vision", "Transfer learning"),
    "tabular": ("Tabular data", "Gradient boosting"),
    "text": ("Natural language processing", "Transfer learning"),
    "translation": ("Machine translation",),
    "simulation": ("Reinforcement learning", "Self-play"),
    "generative": ("Generative models",),
    "classification": ("Classification",),
    "multilabel": ("Multi-label classification",),
    "regression": ("Regression",),
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
        found.append("Cross-validation")
    if isinstance(members, dict) and len(members) > 1:
        found.append("Ensembling")
    lines = card.get("cv_lines")
    said = " ".join(map(str, lines)) if isinstance(lines, list) else ""
    return tuple(found + [tool for tool in _TOOLS if tool in said])
