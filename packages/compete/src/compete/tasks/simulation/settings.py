"""The keys of `data` that simulation competitions have. The author adds theirs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

from compete.bounds import (
    Fraction,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveFraction,
    PositiveInt,
    TwoOrMore,
)
from compete.files import file_digest
from compete.simulation_contract import SimulationContract
from compete.training.settings import Settings

_DECISIVE = ("environment", "kind", "version", "configuration")

_BOUNDS = {  # of Stable-Baselines3's arguments
    "model.n_steps": PositiveInt,
    "model.batch_size": TwoOrMore,
    "model.n_epochs": PositiveInt,
    "model.learning_rate": PositiveFloat,
    "model.gamma": Fraction,
    "model.gae_lambda": Fraction,
    "model.clip_range": PositiveFloat,
    "model.clip_range_vf": PositiveFloat,
    "model.vf_coef": NonNegativeFloat,
    "model.max_grad_norm": PositiveFloat,
    "model.target_kl": PositiveFloat,
    "model.stats_window_size": PositiveInt,
}


@dataclass(frozen=True, kw_only=True)
class SimulationSettings(Settings):
    """The section `data` of params.yaml.

    Args:
        environment: the id of a Gymnasium environment, such as `CartPole-v1` or `ALE/Pong-v5`
            (which gets the usual Atari wrappers), or the name of one of `kaggle-environments`, such
            as `connectx`; `auto`: the one that the competition is named after.
        environment_kwargs: what a Gymnasium environment is made with, such as
            `{repeat_action_probability: 0.0}`, or the configuration of one of Kaggle's, such as
            `{rows: 8}`.
        n_envs: how many environments are played side by side.
        vec_env: `dummy` steps them one after the other, `subproc` each in a process of its own,
            which pays where a step is slow. Both give the same result. A board game steps all its
            boards at once, whatever this says.
        opponents: whom self-play meets besides the past selves: names of reference agents, or files
            of past agents, such as `agents/old.safetensors`, a copy of a run's `model.safetensors`
            or of a past self in its `pool`.
        pool_size: how many past selves are kept as opponents; the weakest makes room.
        snapshot_freq: steps after which the present self joins the pool.
        opponents_per_rollout: how many opponents are met in a rollout. They are sampled by rating,
            equals the most often; fewer make larger batches.
        play: how the submitted agent chooses a move: `search` looks ahead within the time limit,
            led by the network; `argmax` takes the network's favourite; `auto` searches where there
            is a search for the game.
        time_share: how much of the time for a move the search may take.
        judge_rounds: how often `compete predict` lets the agent meet each of the reference agents
            from each seat.
        judged_past_selves: how many past selves of the training, evenly chosen, it meets too.
        max_submission_mb: the largest file that the competition takes, in 10**6 bytes. Kaggle
            refuses a larger one than the default with "Your file exceeds the Simulations
            Competition maximum size of 100 Mb"; llm-20-questions, for one, took more.
    """

    workflow: ClassVar[str] = "compete.tasks.simulation"
    task: ClassVar[str] = "compete.tasks.simulation"
    portfolio: ClassVar[str] = "compete.portfolio.simulation"
    trainer: ClassVar[tuple[str, str]] = ("compete.tasks.simulation.trainer", "Trainer")
    given_to_model: ClassVar[frozenset[str]] = frozenset(
        {"env", "seed", "device", "tensorboard_log", "verbose", "_init_setup_model"}
    )
    bounds: ClassVar[Mapping[str, Any]] = _BOUNDS
    without_effect: ClassVar[frozenset[str]] = frozenset(
        {"vec_env", "play", "time_share", "judge_rounds", "judged_past_selves", "max_submission_mb"}
    )
    trainer_without_effect: ClassVar[frozenset[str]] = frozenset(
        {"checkpoint_freq", "device", "logger", "progress_bar", "video_frames"}
    )

    environment: str = "auto"
    environment_kwargs: dict[str, Any] = field(default_factory=dict)
    n_envs: PositiveInt = 8
    vec_env: Literal["dummy", "subproc"] = "dummy"
    opponents: list[str] = field(default_factory=lambda: ["random"])
    pool_size: PositiveInt = 16
    snapshot_freq: PositiveInt = 50_000
    opponents_per_rollout: PositiveInt = 4
    play: Literal["auto", "search", "argmax"] = "auto"
    time_share: PositiveFraction = 0.5
    judge_rounds: PositiveInt = 2
    judged_past_selves: NonNegativeInt = 2
    max_submission_mb: PositiveFloat = 100

    def contract_facts(self) -> list[str]:
        """Return what of the contract, and of the opponents, decides the weights of an agent."""
        contract = SimulationContract.load()
        files = (Path(name) for name in self.opponents)
        return [
            json.dumps([getattr(contract, key) for key in _DECISIVE], sort_keys=True),
            *(file_digest(path) for path in files if path.is_file()),
        ]

    def facts(self, model: Mapping[str, Any]) -> list[Path]:
        """Return no files: nothing is prepared but the contract."""
        return []
