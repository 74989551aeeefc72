"""How near cross-validation comes to the hidden score where rows were not held out at random."""

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import stdev
from typing import Any

import numpy as np
import polars as pl
from practice_kaggle.metrics import compute

from bench.competition_run import CompetitionRun, prepare_run
from bench.held_out import HELD_OUT, make_held_out
from bench.page import arrow
from bench.tables import as_table


@dataclass(frozen=True)
class Gap:
    """A row of the page.

    Args:
        held_out: what was held out.
        kind: of the folds.
        metric: its name.
        score: of cross-validation.
        spread: the standard deviation of the folds' scores.
        hidden: the score of the hidden rows.
    """

    held_out: str
    kind: str
    metric: str
    score: float
    spread: float
    hidden: float

    @property
    def spreads(self) -> float:
        """How many spreads lie between both scores."""
        return abs(self.score - self.hidden) / self.spread


def measure_gaps(work: Path, *, quick: bool) -> list[Gap]:
    """Train a project on each competition, with the folds that it finds and with careless ones.

    Args:
        work: the folder to work in.
        quick: one competition, hardly trained.
    """
    changes: dict[str, Any] = (
        {"model.k": 2, "trainer.max_epochs": 1, "data.folds": 2} if quick else {}
    )
    kinds, most = (("auto",), 1) if quick else (("auto", "stratified"), len(HELD_OUT))
    gaps = []
    for number, held_out in enumerate(list(HELD_OUT)[:most]):
        for kind in kinds:
            keys = changes | {"data.fold_kind": kind}
            place, name = work / kind, f"held-out-{number}"
            run = prepare_run(place, "tabular", name, partial(make_held_out, held_out), keys)
            if quick:  # boosting takes its time on little data too
                (run.project.path / "members/boosting.yaml").unlink(missing_ok=True)
            run.train_and_predict()
            gaps.append(_gap(run, held_out))
    return gaps


def _gap(run: CompetitionRun, held_out: str) -> Gap:
    project = run.project.path
    scores = json.loads((project / "reports/metrics.json").read_text(encoding="utf-8"))["cv"]
    facts = json.loads((project / "data/processed/prepared.json").read_text(encoding="utf-8"))
    found = pl.read_csv(project / "submissions/submission.csv")
    key = found.columns[0]
    targets = pl.read_csv(run.practice / "private/solution.csv")
    both = found.join(targets, on=key, suffix=" true", validate="1:1")
    kind = str if run.metric.kind == "label" else float
    true, predicted = (
        np.array([[kind(value)] for value in both[name]])
        for name in (f"{run.target} true", run.target)
    )
    hidden = compute(run.metric, true, predicted)
    return Gap(
        held_out,
        facts["fold_kind"],
        run.metric.name,
        scores["score"],
        stdev(scores["folds"]),
        hidden,
    )


def validation_page(gaps: list[Gap], machine: dict[str, str], *, quick: bool) -> str:
    """Return the page as Markdown.

    Args:
        gaps: what was measured.
        machine: facts about where.
        quick: whether hardly anything was trained.
    """
    rows = [
        (
            gap.held_out,
            gap.kind,
            f"{gap.metric} {arrow(gap.metric)}",
            f"{gap.score:.4f}",
            f"{gap.spread:.4f}",
            f"{gap.hidden:.4f}",
            f"{gap.spreads:.1f}",
        )
        for gap in gaps
    ]
    head = "held out", "folds", "metric", "CV", "spread", "hidden", "gap in spreads"
    parts = [
        "# Cross-validation and hidden scores",
        "Written by `python -m bench validation`; do not edit. Three made-up competitions whose "
        "test rows were not held out at random, each with the folds that `compete prepare` finds "
        "by itself and with `fold_kind: stratified`; else with the default answers. The spread is "
        "the standard deviation of the folds' scores. **One run with one seed each.**",
        *(["Made with `--quick`: one of them, hardly trained."] if quick else []),
        as_table(head, rows),
        "## Machine",
        as_table(("", ""), machine.items()),
    ]
    return "\n\n".join(parts) + "\n"
