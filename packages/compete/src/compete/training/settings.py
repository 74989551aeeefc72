"""The base class of the section `data` of params.yaml, for all tasks."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from compete.bounds import NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt
from compete.files import PROCESSED

# Arguments of Lightning's Trainer that do not change the result, or only by rounding: where it
# runs and what it shows.
LIGHTNING_WITHOUT_EFFECT = frozenset(
    {
        "accelerator",
        "strategy",
        "devices",
        "num_nodes",
        "logger",
        "log_every_n_steps",
        "enable_progress_bar",
        "enable_model_summary",
        "profiler",
        "default_root_dir",
    }
)

LIGHTNING_BOUNDS = {
    "trainer.accumulate_grad_batches": PositiveInt,
    "trainer.check_val_every_n_epoch": PositiveInt,
    "trainer.gradient_clip_val": NonNegativeFloat,
    "trainer.limit_train_batches": PositiveFloat,
    "trainer.limit_val_batches": PositiveFloat,
    "trainer.log_every_n_steps": NonNegativeInt,
    "trainer.num_nodes": PositiveInt,
    "trainer.val_check_interval": PositiveFloat,
}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The section `data` of params.yaml; tasks, and the author, add its keys as fields."""

    workflow: ClassVar[str]  # the package of the engine whose modules prepare, train and predict
    task: ClassVar[str]  # the package of the engine that reads, decodes and stores the data
    portfolio: ClassVar[str]  # the package of the engine that makes the report of it
    # Whose arguments are the keys of `trainer`, as module and class: imported when needed.
    trainer: ClassVar[tuple[str, str]] = ("compete.training.trainer", "Trainer")
    # Arguments of the author's `Model` that the engine gives: no keys of `model`.
    given_to_model: ClassVar[frozenset[str]] = frozenset({"contract", "data"})
    # Keys of each section that do not change the weights of a fold, or only by rounding.
    without_effect: ClassVar[frozenset[str]] = frozenset()
    trainer_without_effect: ClassVar[frozenset[str]] = LIGHTNING_WITHOUT_EFFECT
    changes_predictions: ClassVar[frozenset[str]] = frozenset()  # of a trained fold
    # The numbers that arguments of libraries may be, by key; ours have such types themselves.
    bounds: ClassVar[Mapping[str, Any]] = LIGHTNING_BOUNDS

    def contract_facts(self) -> list[str]:
        """Return what of `contract.yaml` decides the weights. Raise `Fault` if it is missing."""
        raise NotImplementedError

    def facts(self, model: Mapping[str, Any]) -> list[Path]:
        """Return the files that identify the prepared data of a member.

        Args:
            model: the section `model` of params.yaml.
        """
        return sorted(PROCESSED.glob("*.json"))
