"""Gathers what a project of an agent shows, each fact from the file that states it."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from compete.errors import Fault
from compete.files import file_digest, read_yaml
from compete.portfolio.project_state import ProjectState, TrainingCost, shared_facts
from compete.simulation_contract import SimulationContract
from compete.simulation_records import REPLAY, AgentRun, Evaluation, Judgement, RatedGames
from compete.submission_records import LedgerEntry

Replay = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class SimulationState(ProjectState):
    """The facts that the report and the cards show of an agent; missing ones are None or empty.

    Args:
        runs: the finished trainings.
        configs: the configuration of each of them by member.
        judgement: of the submission by games against others; None for Gymnasium's environments.
        evaluation: of the agent by episodes alone; None for Kaggle's environments.
        rated: how the newest submissions did on Kaggle; None before `compete status` has asked.
        replay: one game of the agent, as Kaggle's environment writes it.
    """

    contract: SimulationContract
    runs: list[AgentRun]
    configs: dict[str, dict[str, Any]]
    judgement: Judgement | None
    evaluation: Evaluation | None
    rated: RatedGames | None
    replay: Replay | None

    @property
    def has_opponents(self) -> bool:
        """Whether Kaggle's agents play it against each other, so that they are rated."""
        return self.contract.kind == "kaggle"

    @property
    def kind(self) -> str:
        """What kind of work it is."""
        return "an agent that plays" if self.has_opponents else "reinforcement learning"

    @property
    def metric(self) -> str:
        """What the project is measured by."""
        return "rating" if self.has_opponents else "return"

    @property
    def maximize(self) -> bool:
        """Whether more of it is better."""
        return True

    @property
    def address(self) -> str:
        """Of the competition, for a browser; empty if there is none."""
        return super().address if self.has_opponents else ""

    @property
    def costs(self) -> list[TrainingCost]:
        """What each finished training took."""
        return [
            TrainingCost(
                run.seconds,
                run.device,
                run.hardware,
                frozenset(f"{name} {version}" for name, version in run.versions.items()),
            )
            for run in self.runs
        ]

    @cached_property
    def shown_run(self) -> AgentRun | None:
        """The training of the agent that was judged, else the one with the best evaluation."""
        if self.judgement:
            for run in self.runs:
                if run.member == self.judgement.member:
                    return run
        return max(self.runs, key=lambda run: run.scores.get("return", 0.0), default=None)

    def unfinished(self) -> list[str]:
        """Return a sentence for each step before the submission that is not done yet."""
        done = {run.member for run in self.runs}
        sentences = [
            f"The training of member {member} is not finished."
            for member in self.members
            if member not in done
        ]
        if self.has_opponents and self.judgement is None:
            sentences.append("The agent has not played on the ladder yet.")
        if self.has_opponents and self.judgement and _is_changed(self.judgement):
            sentences.append(f"{self.judgement.file} has changed since it was evaluated.")
        if not self.has_opponents and self.evaluation is None:
            sentences.append("The trained agent has not been evaluated yet.")
        return sentences

    def missing(self) -> list[str]:
        """Return a sentence for each step that is not done yet."""
        return super().missing() if self.has_opponents else self.unfinished()


def load_state(ledger: list[LedgerEntry]) -> SimulationState:
    """Read the state of the project in the current folder.

    Args:
        ledger: the submissions, oldest first.

    Raises:
        Fault: there is no contract, or a file is broken.
    """
    contract = SimulationContract.load()
    shared = shared_facts(contract, "simulation", ledger, _SCORES[contract.kind])
    runs = [run for name in shared["members"] if (run := AgentRun.load(name)) and run.finished]
    is_game = contract.kind == "kaggle"
    judgement = Judgement.load() if is_game else None
    if judgement and judgement.environment != contract.environment:
        judgement = None
    return SimulationState(
        runs=runs,
        configs={run.member: read_yaml(config_path(run)) for run in runs},
        judgement=judgement,
        evaluation=None if is_game else Evaluation.load(),
        rated=RatedGames.load() if is_game else None,
        replay=_read_replay() if judgement else None,
        **shared,
    )


_SCORES = {"kaggle": "elo.value", "gymnasium": "return"}  # in reports/metrics.json


def config_path(run: AgentRun) -> Path:
    """Return the path of the configuration of a finished run."""
    return AgentRun.folder(run.member) / "config.yaml"


def _read_replay() -> Replay | None:
    if not REPLAY.exists():
        return None
    try:
        replay: Replay = json.loads(REPLAY.read_text(encoding="utf-8"))
    except ValueError as error:
        raise Fault(f"{REPLAY} is damaged ({error}).", "Run `compete predict` again.") from None
    return replay


def _is_changed(judgement: Judgement) -> bool:
    file = Path(judgement.file)
    return file.exists() and file_digest(file) != judgement.sha256
