"""Gathers what a project that makes images shows, each fact from the file that states it."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from compete.errors import Fault, first_line
from compete.files import file_digest, read_yaml
from compete.generative_contract import GenerativeContract
from compete.generative_records import DistanceCurve, GanRun, Measurement, Shown
from compete.portfolio.project_state import ProjectState, TrainingCost, shared_facts
from compete.submission_records import LedgerEntry


@dataclass(frozen=True, kw_only=True)
class GenerativeState(ProjectState):
    """What the page and the cards show of networks that make images.

    What is not done yet is None or empty.

    Args:
        runs: the finished trainings.
        configs: the configuration of each of them by member.
        progress: the numbers of each of them over its training, by member.
        measurement: of the submission.
        curve: the distances on the way of the trainings.
        shown: what pictures there are.
    """

    contract: GenerativeContract
    runs: list[GanRun]
    configs: dict[str, dict[str, Any]]
    progress: dict[str, pl.DataFrame]
    measurement: Measurement | None
    curve: DistanceCurve | None
    shown: Shown | None

    @property
    def kind(self) -> str:
        """What kind of work it is."""
        return "image translation" if self.contract.translates else "image generation"

    @property
    def metric(self) -> str:
        """What the project is measured by."""
        return self.distance

    @property
    def leaderboard_metric(self) -> str:
        """What the leaderboard is by, as Kaggle calls it."""
        told = self.headline.leaderboard_metric if self.headline else ""
        return told or self.contract.metric or "distance"

    @property
    def maximize(self) -> bool:
        """Whether more of it is better."""
        return False

    @property
    def distance(self) -> str:
        """What this project measures by, such as `FID-lite0`."""
        return self.measurement.names["fid"] if self.measurement else "FID"

    @property
    def before_training(self) -> float | None:
        """The distance of the untrained generator, None if it is not known.

        Nor is it by as many images as the submission's: a distance depends on how many there are.
        """
        if self.measurement is None or self.curve is None:
            return None
        if self.curve.images != self.measurement.made:
            return None
        points = self.curve.points(self.measurement.member)
        return points[0][1] if points and points[0][0] == 0 else None

    @property
    def costs(self) -> list[TrainingCost]:
        """What each finished training took."""
        return [
            TrainingCost(
                run.seconds,
                run.device,
                run.hardware,
                frozenset(f"{name} {version}" for name, version in run.versions.items()),
                run.devices,
            )
            for run in self.runs
        ]

    @cached_property
    def shown_run(self) -> GanRun | None:
        """The training whose generator made the submission, else the first."""
        member = self.measurement.member if self.measurement else ""
        made = [run for run in self.runs if run.member == member]
        return next(iter([*made, *self.runs]), None)

    def unfinished(self) -> list[str]:
        """Return a sentence for each step before the submission that is not done yet."""
        done = {run.member for run in self.runs}
        sentences = [
            f"The training of member {member} is not finished."
            for member in self.members
            if member not in done
        ]
        if self.measurement is None:
            sentences.append("No images have been generated yet.")
        elif _is_changed(self.measurement):
            sentences.append(f"{self.measurement.file} has changed since it was measured.")
        return sentences


def load_state(ledger: list[LedgerEntry]) -> GenerativeState:
    """Read the state of the project in the current folder.

    Args:
        ledger: the submissions, oldest first.

    Raises:
        Fault: there is no contract, or a file is broken.
    """
    shared = shared_facts(GenerativeContract.load(), "generative", ledger, "fid")
    runs = [run for name in shared["members"] if (run := GanRun.load(name)) and run.finished]
    return GenerativeState(
        runs=runs,
        configs={run.member: read_yaml(config_path(run)) for run in runs},
        progress={run.member: _read_progress(run) for run in runs},
        measurement=Measurement.load(),
        curve=DistanceCurve.load(),
        shown=Shown.load(),
        **shared,
    )


def config_path(run: GanRun) -> Path:
    """Return the path of the configuration of a finished run."""
    return GanRun.folder(run.member) / "config.yaml"


def _read_progress(run: GanRun) -> pl.DataFrame:
    path = GanRun.folder(run.member) / "metrics.csv"
    try:
        return pl.read_csv(path, schema_overrides={"kimg": pl.Float64})
    except (OSError, pl.exceptions.PolarsError) as error:
        raise Fault(
            f"{path} can't be read ({first_line(error)}).", "Run `compete train` again."
        ) from None


def _is_changed(measurement: Measurement) -> bool:
    file = Path(measurement.file)
    return file.exists() and file_digest(file) != measurement.sha256
