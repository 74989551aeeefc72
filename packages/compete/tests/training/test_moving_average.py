"""The moving average of the weights."""

from typing import Any

import lightning
import pytest
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from compete.training.callbacks import MovingAverage

QUIET: dict[str, Any] = {
    "accelerator": "cpu",
    "logger": False,
    "enable_checkpointing": False,
    "enable_progress_bar": False,
    "enable_model_summary": False,
}


class Tiny(lightning.LightningModule):
    """Has batch norm's statistics and counter."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))

    def training_step(self, batch: Tensor, _: int) -> Tensor:
        """One step's loss."""
        return torch.as_tensor(self.net(batch).square().mean())

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Large steps."""
        return torch.optim.SGD(self.parameters(), lr=0.5)


class Recorder(lightning.Callback):
    """Keeps the weights after each step of the optimizer."""

    def __init__(self) -> None:
        self.after: list[dict[str, Tensor]] = []

    def on_train_batch_end(self, trainer: lightning.Trainer, pl_module: Any, *_: Any) -> None:
        """Copy them, if there was a step."""
        if trainer.global_step > len(self.after):
            self.after.append({key: value.clone() for key, value in pl_module.state_dict().items()})


@pytest.mark.parametrize("accumulate", [1, 3])
def test_the_kept_weights_are_the_average_over_the_steps(accumulate: int) -> None:
    torch.manual_seed(0)
    model, recorder = Tiny(), Recorder()
    points: DataLoader[Any] = DataLoader(list(torch.randn(48, 2)), batch_size=4)  # type: ignore[arg-type]
    trainer = lightning.Trainer(
        max_epochs=2,
        accumulate_grad_batches=accumulate,
        callbacks=[recorder, MovingAverage(0.4)],
        **QUIET,
    )
    trainer.fit(model, points)
    first, *others = recorder.after
    assert len(others) == 24 // accumulate - 1
    for count, weights in enumerate(others, start=1):
        decay = min(0.4, (1 + count) / (10 + count))
        for key, value in weights.items():
            first[key] = first[key].lerp(value, 1 - decay) if value.is_floating_point() else value
    torch.testing.assert_close(model.state_dict(), first)


def test_the_average_lies_where_the_model_lies() -> None:
    model, trainer = Tiny(), lightning.Trainer(**QUIET)
    average = MovingAverage(0.9)
    average.setup(trainer, model, "fit")  # as Lightning does, before the model is on its device
    average.on_train_start(trainer, model.to("meta"))
    assert {tensor.device.type for tensors in average.averaged for tensor in tensors} == {"meta"}
