"""What happens between two rollouts: a check, an evaluation, a checkpoint, and a new seed."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm
from typing_extensions import override

from compete.errors import Fault
from compete.files import note
from compete.tasks.simulation import checkpoint
from compete.tasks.simulation.episodes import base_of
from compete.tasks.simulation.weights import save_policy
from compete.training.seeds import seed_cpu

RETURN = "return"  # the score that decides which weights are kept, and when the target is reached
Evaluate = Callable[[int], dict[str, float]]
Teach = Callable[[OnPolicyAlgorithm], None]


class TrainingLoop(BaseCallback):
    """Evaluates, keeps the best weights and the checkpoint, and makes each rollout repeatable.

    All of it happens when a rollout begins: the optimizer has done its steps then, nothing is
    half-way, and what happens draws no random number that the rollout would miss, because the
    rollout's own seed comes last.

    Args:
        folder: of the run: `checkpoint.pt` and `best.safetensors` are written there.
        evaluate: gives the scores of the model at a step.
        name: of the member, for the lines that are printed.
        seed: of the run.
        total_timesteps: that the training has.
        checkpoint_freq: steps between checkpoints.
        eval_freq: steps between evaluations.
        target_return: ends the training when an evaluation reaches it.
        teach: what the policy learns before the first rollout.
    """

    def __init__(
        self,
        folder: Path,
        evaluate: Evaluate,
        *,
        name: str,
        seed: int,
        total_timesteps: int,
        checkpoint_freq: int,
        eval_freq: int,
        target_return: float | None,
        teach: Teach | None = None,
    ) -> None:
        super().__init__()
        self.folder, self.evaluate, self.seed = folder, evaluate, seed
        self.name, self.total_timesteps = name, total_timesteps
        self.checkpoint_freq, self.eval_freq = checkpoint_freq, eval_freq
        self.target_return, self.teach = target_return, teach
        self.checkpoint = folder / "checkpoint.pt"
        self.best_weights = folder / "best.safetensors"
        self.evaluated = self.saved = 0  # the step of the last one
        self.curve: list[dict[str, float]] = []
        self.best: dict[str, float] = {}
        self.stopped = False
        self.seconds, self._began = 0.0, time.monotonic()

    @property
    def algorithm(self) -> OnPolicyAlgorithm:
        """The model, by its type."""
        assert isinstance(self.model, OnPolicyAlgorithm)
        return self.model

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where `state_dict` was taken."""
        for key in ("evaluated", "saved", "curve", "best", "seconds"):
            setattr(self, key, state[key])

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint keeps of this."""
        return {
            "evaluated": self.evaluated,
            "saved": self.saved,
            "curve": [*self.curve],
            "best": self.best,
            "seconds": self.elapsed(),
        }

    def elapsed(self) -> float:
        """Return the seconds of training so far, over all runs that it took."""
        return self.seconds + time.monotonic() - self._began

    @override
    def _on_rollout_start(self) -> None:
        step = self.algorithm.num_timesteps
        self.check_policy()
        if step == 0 and self.teach is not None:
            self.teach(self.algorithm)
            self.score()  # PPO may not make it worse: the best weights are kept
        if step // self.eval_freq > self.evaluated // self.eval_freq:
            self.score()
        # One that is about to stop is not kept: a run that resumes from it would have to know.
        due = step // self.checkpoint_freq > self.saved // self.checkpoint_freq
        if due and not self.stopped:
            self.saved = step
            checkpoint.save(self.algorithm, self.state_dict(), self.checkpoint)
        environments = base_of(self.algorithm.env)
        environments.begin_rollout(self.algorithm, step)
        self.seed_all(step)
        if self.algorithm.use_sde:  # was drawn before this callback
            self.algorithm.policy.reset_noise(environments.num_envs)

    @override
    def _on_step(self) -> bool:
        return not self.stopped

    def score(self) -> None:
        """Evaluate the present weights; keep them if none were better."""
        step = self.algorithm.num_timesteps
        self.seed_all(step)
        scores = self.evaluate(step)
        self.evaluated = step
        point = {"timesteps": step} | scores
        self.curve.append(point)
        for name, value in scores.items():
            self.logger.record(f"eval/{name}", value)
        told = "  ".join(f"{name} {value:.3f}" for name, value in scores.items())
        note(f"{self.name}  step {step:,} of {self.total_timesteps:,}  {told}")
        if not self.best or scores[RETURN] >= self.best[RETURN]:
            self.best = point
            save_policy(self.algorithm.policy, self.best_weights)
        self.stopped = self.target_return is not None and scores[RETURN] >= self.target_return

    def seed_all(self, step: int) -> None:
        """Seed all that draws from global generators by the run's seed and the step."""
        number = self.seed * 1_000_003 + step
        seed_cpu(number)
        device = self.algorithm.device
        if device.type != "cpu":
            torch.get_device_module(device).manual_seed(number % 2**63)

    def check_policy(self) -> None:
        """Raise `Fault` if a weight of the policy, or what it sees, is no number any more."""
        observation = self.algorithm._last_obs
        parts = observation.values() if isinstance(observation, dict) else [observation]
        if any(part is not None and not np.isfinite(part).all() for part in parts):
            raise Fault(
                f"The environment returned an observation that is NaN after {self._steps}.",
                "Fix the environment, or the wrapper in environment.py.",
            )
        if not all(weight.isfinite().all() for weight in self.algorithm.policy.parameters()):
            raise self.not_a_number("a weight of the policy")

    def not_a_number(self, what: str) -> Fault:
        """Return the fault of a training that diverged."""
        return Fault(
            f"Training diverged: {what} is NaN after {self._steps}.",
            "Lower `learning_rate` under `model` in params.yaml, and train again.",
        )

    @property
    def _steps(self) -> str:
        return f"{self.algorithm.num_timesteps:,} steps"
