"""Answers the batches of a competition's inference server, by the project's own prediction."""

import os
from pathlib import Path
from typing import Any

from compete import project
from compete.kernels.runtime import enter


class Predictor:
    """Predicts the rows of a batch; nothing is loaded before the first one.

    A function `predict` in the module `serve` of the author's package takes its place: it gets
    what the server gives, and the working folder is the project's.

    Args:
        files: the folder `project` of the data set that `compete kernel build` wrote.
        data: the folder of the competition's data.
    """

    def __init__(self, files: Path, data: Path) -> None:
        self.files, self.data = files, data
        self._predict: Any = None
        self._folder = Path()

    def predict(self, *batch: Any) -> Any:
        """Return the predictions for a batch, a table as the sample submission is.

        Args:
            batch: what the server gives: tables of polars or pandas.
        """
        # A gateway in the same process writes the submission to the notebook's working folder.
        working = Path.cwd()
        try:
            if self._predict is None:
                self._load()
            os.chdir(self._folder)
            return self._predict(*batch)
        finally:
            os.chdir(working)

    def _load(self) -> None:
        options = enter(self.files, self.data, changes_data=True)
        self._folder = Path.cwd()
        self._predict = getattr(project.module("serve"), "predict", None)
        if self._predict is None:
            predictor = project.workflow_module("batches").BatchPredictor
            self._predict = predictor(options.precision, options.batch_size).predict
