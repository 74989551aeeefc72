"""Cards of every age, the project that holds one, and what a web server is told to answer."""

import json
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

# What the engine's first version wrote.
OLD_CARD: dict[str, Any] = {
    "schema": 1,
    "name": "digits",
    "title": "Digit Recognizer",
    "description": "Handwritten digits, classified",
    "repository": None,
    "competition": {
        "slug": "digit-recognizer",
        "url": "https://www.kaggle.com/competitions/digit-recognizer",
        "problem": "classification",
        "metric": "accuracy",
        "maximize": True,
    },
    "score": {
        "cv": 0.98,
        "cv_folds": [0.97, 0.99],
        "submitted": "2026-11-26T08:33:43+00:00",
        "public": 0.995,
        "private": 0.99,
        "rank": 3,
        "teams": 200,
    },
    "members": {"base": {"score": 0.97}, "wide": {"score": 0.96}},
    "page": "reports/index.html",
    "cv_lines": ["Rank 3 of 200.", "Cross-validated.", "PyTorch Lightning and DVC."],
}
NEW_CARD: dict[str, Any] = {
    "schema": 2,
    "title": "House Prices",
    "slug": "house-prices",
    "task": "tabular",
    "problem": "What is a house worth?",
    "result": "Within 12 percent.",
    "metric": "rmsle",
    "direction": "minimize",
    "score": 0.1234,
    "split": "public leaderboard",
    "percentile": 97.4,
    "rank": 130,
    "teams": 5000,
    "baseline": {"name": "always the mean", "score": 0.4},
    "findings": ["Folds agree.", "Area counts most.", "Few houses are dear.", "Not shown."],
    "picture": "reports/plots/best.png",
    "links": {
        "report": "reports/index.html",
        "code": "https://git.example.com/ada/house-prices",
        "demo": None,
        "model_card": "MODEL_CARD.md",
    },
    "date": "2026-11-20T10:00:00+00:00",
    "skills": ["CatBoost", "Ensembling"],
    "cv_lines": ["One.", "Two.", "Three."],
}


def write_project(folder: Path, card: dict[str, Any] | str) -> Path:
    """Write what a project's report leaves, and return the project's folder."""
    plots = folder / "reports" / "plots"
    plots.mkdir(parents=True)
    text = card if isinstance(card, str) else json.dumps(card)
    (folder / "reports/card.json").write_text(text, encoding="utf-8")
    (folder / "reports/index.html").write_text("<h1>Report</h1>", encoding="utf-8")
    Image.new("RGB", (64, 48), "#d55e00").save(plots / "best.png")
    return folder


@dataclass
class Server:
    """A web server on this machine: what it answers by path, and what it was asked."""

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    stall: threading.Event = field(default_factory=threading.Event)
