"""A journey for each task: from the template to a submission with its score, and its report.

As short as it may be and still everything happens. The image task's is the demonstration.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from practice_kaggle.make.catalogues import make_french, make_languages
from practice_kaggle.make.tables import make_table
from support import Project


@dataclass(frozen=True)
class Journey:
    """A project that went all the way, the competition that it entered, and its page's address."""

    project: Project
    practice: Path

    @property
    def page(self) -> str:
        return (self.project.path / "reports" / "index.html").as_uri()


def _three_languages(folder: Path) -> Path:
    """The practice competition, with the rows of three languages only."""
    make_languages(folder)
    few = ["ar", "cs", "es"]
    for name in ("data/train.csv", "private/solution.csv"):
        table = pl.read_csv(folder / name)
        table.filter(pl.col("language").is_in(few)).write_csv(folder / name)
    asked = pl.read_csv(folder / "private/solution.csv")["id"]
    for name in ("data/test.csv", "data/sample_submission.csv", "private/baselines/*.csv"):
        for path in folder.glob(name):
            pl.read_csv(path).filter(pl.col("id").is_in(asked.implode())).write_csv(path)
    return folder


ONE_PROCESS = {"data.folds": 2, "trainer.devices": 1}  # or the last bits differ from run to run
# The practice competition, and what is changed in params.yaml.
JOURNEYS: dict[str, tuple[Callable[[Path], Path], dict[str, Any]]] = {
    "tabular": (
        lambda folder: make_table("breast-cancer", folder),
        {
            **ONE_PROCESS,
            "model.k": 8,
            "model.width": 64,
            "model.trees": 200,
            "model.bags": 2,
            "trainer.max_epochs": 20,
        },
    ),
    "text": (
        _three_languages,
        {
            **ONE_PROCESS,
            "data.max_length": 24,
            "model.backbone": "bert",
            "model.weights": "none",
            "trainer.max_epochs": 3,
        },
    ),
    "translation": (
        lambda folder: make_french(folder, None),
        {
            **ONE_PROCESS,
            "data.trained_folds": "all",
            "model.backbone": "t5",
            "model.weights": "none",
            "model.beams": 2,
            "trainer.max_epochs": 2,
        },
    ),
}
