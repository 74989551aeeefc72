"""How long and by what means an agent is trained: the section `trainer` of params.yaml."""

import sys
from pathlib import Path
from typing import Any

from sb3_contrib import MaskablePPO
from sb3_contrib.common.maskable.utils import is_masking_supported
from stable_baselines3.common.logger import KVWriter, Logger
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm

from compete.bounds import NonNegativeInt, PositiveInt
from compete.tasks.simulation import checkpoint
from compete.tasks.simulation.callbacks import Evaluate, Teach, TrainingLoop
from compete.tasks.simulation.loggers import CSV


class Trainer:
    """Trains an agent of Stable-Baselines3, and resumes from its checkpoint if there is one.

    Args:
        total_timesteps: total number of steps over all environments.
        checkpoint_freq: number of steps between checkpoints, from which training resumes.
        eval_freq: number of steps between evaluations. The weights with the best one are saved.
        n_eval_episodes: number of episodes of an evaluation; in self-play, games against each
            reference agent.
        target_return: stop training when the mean return of an evaluation reaches it.
        device: `auto` (a GPU if there is one), `cpu`, `cuda`, `mps`.
        logger: loggers besides `progress.csv`, which is always written: classes in
            `compete.tasks.simulation.loggers`, or other `KVWriter`s of Stable-Baselines3.
        progress_bar: show a progress bar; by default only on a terminal.
        imitate: number of positions for pretraining, in which the policy learns to imitate the
            game's search before PPO; 0: none. For games that have a search, such as ConnectX.
        imitate_nodes: number of nodes that the search may visit for each position.
        imitate_epochs: number of epochs over the positions.
        video_frames: number of frames to record in `episode.gif` after training, for Gymnasium
            environments that can be rendered.
    """

    def __init__(
        self,
        total_timesteps: PositiveInt,
        checkpoint_freq: PositiveInt = 50_000,
        eval_freq: PositiveInt = 10_000,
        n_eval_episodes: PositiveInt = 20,
        target_return: float | None = None,
        device: str = "auto",
        logger: KVWriter | list[KVWriter] | bool = False,
        progress_bar: bool | None = None,
        imitate: NonNegativeInt = 0,
        imitate_nodes: PositiveInt = 3000,
        imitate_epochs: PositiveInt = 4,
        video_frames: NonNegativeInt = 0,
    ) -> None:
        self.total_timesteps, self.checkpoint_freq = total_timesteps, checkpoint_freq
        self.eval_freq, self.n_eval_episodes = eval_freq, n_eval_episodes
        self.target_return, self.device = target_return, device
        self.imitate, self.imitate_nodes = imitate, imitate_nodes
        self.imitate_epochs, self.video_frames = imitate_epochs, video_frames
        self.writers = logger if isinstance(logger, list) else [logger]
        self.progress_bar = sys.stderr.isatty() if progress_bar is None else progress_bar

    def fit(
        self,
        model: OnPolicyAlgorithm,
        evaluate: Evaluate,
        folder: Path,
        name: str,
        seed: int,
        teach: Teach | None = None,
    ) -> TrainingLoop:
        """Train a model, and evaluate it at the end.

        Args:
            model: untrained.
            evaluate: gives the scores of the model at a step.
            folder: of the run. A `checkpoint.pt` in it is gone on from.
            name: of the member.
            seed: of the run.
            teach: what the policy learns before it plays.

        Returns:
            What happened; the best weights lie in its `best_weights`.

        Raises:
            Fault: the policy became NaN.
        """
        loop = TrainingLoop(
            folder,
            evaluate,
            name=name,
            seed=seed,
            total_timesteps=self.total_timesteps,
            checkpoint_freq=self.checkpoint_freq,
            eval_freq=self.eval_freq,
            target_return=self.target_return,
            teach=teach,
        )
        writers: list[KVWriter] = [
            CSV(str(folder / "progress.csv")),
            *(writer for writer in self.writers if isinstance(writer, KVWriter)),
        ]
        model.set_logger(Logger(str(folder), writers))
        try:
            if loop.checkpoint.exists():
                loop.load_state_dict(checkpoint.load(model, loop.checkpoint))
                for writer in writers:
                    if hasattr(writer, "resume"):
                        writer.resume(model.num_timesteps)
            self._learn(model, loop)
            if loop.stopped:
                model.num_timesteps = loop.evaluated  # to stop takes one more step
            elif loop.evaluated != model.num_timesteps:
                loop.check_policy()
                loop.score()
            model.dump_logs()
        finally:
            model.logger.close()
        return loop

    def _learn(self, model: OnPolicyAlgorithm, loop: TrainingLoop) -> None:
        options: dict[str, Any] = {"progress_bar": self.progress_bar}
        if isinstance(model, MaskablePPO):
            options["use_masking"] = is_masked(model)
        try:
            model.learn(
                max(0, self.total_timesteps - model.num_timesteps),
                loop,
                reset_num_timesteps=model._last_obs is None,
                **options,
            )
        except (ValueError, RuntimeError) as error:
            loop.check_policy()
            if "invalid values" in str(error):  # so PyTorch's distributions refuse NaN
                raise loop.not_a_number("what the policy gives") from None
            if "without overflow" in str(error):  # and so its optimizers what no float32 holds
                raise loop.not_a_number("a step of the optimizer") from None
            raise


def is_masked(model: OnPolicyAlgorithm) -> bool:
    """Return whether the environments tell which actions are legal, and the model asks them."""
    assert model.env is not None
    return isinstance(model, MaskablePPO) and is_masking_supported(model.env)
