"""Decides whether a member's exported models run in 8-bit integers: only where its score holds."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader

from compete.export.demo import Exportable, NotExportable
from compete.export.graph import milliseconds
from compete.export.quantize import Feed, predictions, quantize
from compete.export.record import Int8
from compete.problems.uncertainty import difference_interval, score_interval
from compete.supervised.datamodule import FoldDataModule

ROWS = 1000  # of a member that are scored, shared by its folds: more would take minutes
_FEWEST_ROWS = 100  # on which a loss of one in a hundred could be seen
_CALIBRATION_ROWS = 64  # that the ranges of activations are measured on
_CALIBRATION_BATCH = 16
_SMALLER = 0.8  # of the size in floats: what saves less is not worth any loss


class Int8Trial:
    """One member in 8-bit integers, scored on the same out-of-fold rows as in floats.

    Args:
        member: its name.
        folds: how many of its folds are exported.
    """

    def __init__(self, member: str, folds: int) -> None:
        self.member, self.folds = member, folds
        self.graphs: list[bytes] = []
        self.milliseconds: list[float] = []
        self._failure = ""
        self._size = 0
        self._milliseconds_float = 0.0
        self._floats: list[pl.DataFrame] = []
        self._integers: list[pl.DataFrame] = []
        self._data: FoldDataModule[Any] | None = None

    def add(self, data: FoldDataModule[Any], model: Exportable, graph: bytes) -> None:
        """Quantize the graph of a fold, and predict with both; a failure is told by `decide`.

        Args:
            data: of the fold.
            model: what was exported.
            graph: of floats, made of it.
        """
        if self._failure:
            return
        try:
            self._add(data, model, graph)
        except NotExportable as error:
            self._failure = str(error)

    def _add(self, data: FoldDataModule[Any], model: Exportable, graph: bytes) -> None:
        if model.read is None:
            raise NotExportable("its task can't score exported models yet")
        known = _spread(data.train_rows, _CALIBRATION_ROWS)
        integers = quantize(graph, _feeds(data, model.read, known, _CALIBRATION_BATCH))
        rows = np.sort(_spread(data.val_rows, max(1, ROWS // self.folds)))
        source = data.table["train"][rows.tolist()]
        head = pl.DataFrame({"row": rows, "fold": np.full(len(rows), data.fold)})
        head = data.problem.with_targets(head, source, data.targets[torch.from_numpy(rows)])
        for content, tables in ((graph, self._floats), (integers, self._integers)):
            # Each row alone, as the page predicts it: of a batch, dynamic ranges are others.
            found = predictions(content, _feeds(data, model.read, rows, 1)).astype(np.float64)
            if not np.isfinite(found).all():
                raise NotExportable("some of its predictions are not finite")
            tables.append(data.problem.with_predictions(head, torch.from_numpy(found)))
        self._data = data
        self._size += len(graph)
        self._milliseconds_float += milliseconds(graph, model.inputs)
        self.graphs.append(integers)
        self.milliseconds.append(milliseconds(integers, model.inputs))

    def decide(self) -> Int8:
        """Return whether integers are kept, and the numbers that decide it."""
        if self._failure or self._data is None:
            return Int8(self.member, False, self._failure)
        problem, train = self._data.problem, self._data.table["train"]
        floats, integers = pl.concat(self._floats), pl.concat(self._integers)
        measure = problem.contract.scoring
        score, score_int8 = (
            measure.score(problem.predictions_of(table), problem.targets_of(table))
            for table in (floats, integers)
        )
        own = score_interval(problem, floats, train)
        apart = difference_interval(problem, floats, integers, train)
        assert own is not None  # `ROWS` are few enough
        assert apart is not None
        loss = -apart[0] if measure.maximize else apart[1]
        tolerance = (own[1] - own[0]) / 2
        size = sum(map(len, self.graphs))
        if floats.height < _FEWEST_ROWS:
            reason = f"{floats.height} rows are too few to compare scores"
        elif not loss <= tolerance:  # NaN, too
            reason = "it loses too much"
        elif size > _SMALLER * self._size:
            reason = "it saves too little"
        else:
            reason = ""
        return Int8(
            self.member,
            not reason,
            reason,
            metric=problem.contract.metric,
            rows=floats.height,
            score=float(score),
            score_int8=float(score_int8),
            loss=loss,
            tolerance=tolerance,
            size=self._size,
            size_int8=size,
            milliseconds=round(self._milliseconds_float, 2),
            milliseconds_int8=round(sum(self.milliseconds), 2),
        )


def _spread(rows: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Return up to `most` of the rows, at even distances."""
    found: NDArray[np.int64] = rows[
        np.linspace(0, len(rows) - 1, min(most, len(rows))).round().astype(int)
    ]
    return found


def _feeds(
    data: FoldDataModule[Any],
    read: Callable[[Any], dict[str, Tensor]],
    rows: NDArray[np.int64],
    size: int,
) -> Iterator[Feed]:
    """Yield the inputs of training rows, not augmented, in batches."""
    loader = data.val_dataloader()
    batches: DataLoader[Any] = DataLoader(
        loader.dataset, size, sampler=rows.tolist(), collate_fn=loader.collate_fn
    )
    for batch, _ in batches:
        yield {name: tensor.numpy() for name, tensor in read(batch).items()}
