"""The end-to-end run of each task: from the template to a scored submission and its report.

Each is as short as possible while all steps run. The demonstration is the image task's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from practice_kaggle.datasets.catalogues import make_french, make_languages
from practice_kaggle.datasets.tables import make_table
from support import Project


@dataclass(frozen=True)
class EndToEndRun:
    """A project with a scored submission and a report, and its practice competition."""

    project: Project
    practice: Path

    @property
    def page(self) -> str:
        """The address of the report."""
        return (self.project.path / "reports" / "index.html").as_uri()


def _three_languages(folder: Path) -> Path:
    """Make the practice competition, with the rows of three languages only."""
    make_languages(folder)
    few = ["ar", "cs", "es"]
    for name in ("data/train.csv", "private/solution.csv"):
        table = pl.read_csv(folder / name)
        table.filter(pl.col("language").is_in(few)).write_csv(folder / name)
    hidden = pl.read_csv(folder / "private/solution.csv")["id"]
    for name in ("data/test.csv", "data/sample_submission.csv", "private/baselines/*.csv"):
        for path in folder.glob(name):
            pl.read_csv(path).filter(pl.col("id").is_in(hidden.implode())).write_csv(path)
    return folder


ONE_PROCESS = {"data.folds": 2, "trainer.devices": 1}  # or the last bits differ between runs
# How to make the practice competition, and the changed keys of params.yaml.
END_TO_END: dict[str, tuple[Callable[[Path], Path], dict[str, Any]]] = {
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
