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
            as `connectx`; `auto`: the environment named like the competition.
        environment_kwargs: arguments of a Gymnasium environment, such as
            `{repeat_action_probability: 0.0}`, or the configuration of a Kaggle environment, such
            as `{rows: 8}`.
        n_envs: number of parallel environments.
        vec_env: `dummy` steps them sequentially in one process, `subproc` uses one process for
            each, which is faster if steps are slow. Both give the same result. Board games ignore
            this and step all boards at once.
        opponents: opponents in self-play besides the past selves: names of reference agents, or
            files of past agents, such as `agents/old.safetensors`, a copy of a run's
            `model.safetensors` or of a past self in its `pool`.
        pool_size: number of past selves to keep as opponents; the weakest is replaced.
        snapshot_freq: number of steps after which the current policy joins the pool.
        opponents_per_rollout: number of opponents in a rollout. They are sampled by rating, most
            often those of equal strength; fewer opponents mean larger batches.
        play: how the submitted agent chooses a move: `search`: a tree search guided by the network,
            within the time limit; `argmax`: the network's most likely move; `auto`: `search` if the
            engine has one for the game.
        time_share: fraction of the time per move that the search may use.
        judge_rounds: number of games in `compete predict` against each reference agent from each
            seat.
        judged_past_selves: number of past selves, evenly spaced, to play against as well.
        max_submission_mb: maximum size of the submission in 10**6 bytes. Kaggle rejects larger
            files than the default with "Your file exceeds the Simulations Competition maximum size
            of 100 Mb"; a few competitions, such as llm-20-questions, allow more.
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
