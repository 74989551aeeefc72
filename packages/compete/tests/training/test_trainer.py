"""What PyTorch refuses in a training is told with a remedy."""

import pytest
import torch

from compete.errors import Fault
from compete.training import trainer
from compete.training.trainer import explain_torch, should_compile


def test_a_batch_of_one_sample_for_batch_norm_is_told_with_a_batch_size() -> None:
    norm = torch.nn.BatchNorm1d(3)
    with (
        pytest.raises(Fault, match=r"one sample for a process.*`data.batch_size`.* 4 or more"),
        explain_torch(processes=2, less=""),
    ):
        norm(torch.ones(1, 3))
    with pytest.raises(ValueError, match="another"), explain_torch(processes=2, less=""):
        raise ValueError("another")


def test_too_little_memory_is_told_with_what_takes_less() -> None:
    with (
        pytest.raises(Fault, match=r"not enough memory: .*allocate.* Halve the batch\."),
        explain_torch(processes=1, less="Halve the batch."),
    ):
        torch.empty(10**15)


def test_compile_auto_is_for_gpus_with_triton(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not should_compile("auto", torch.device("cpu"))
    assert should_compile(True, torch.device("cpu"))
    assert not should_compile(False, torch.device("cuda"))
    monkeypatch.setattr(trainer, "find_spec", lambda name: None)
    assert not should_compile("auto", torch.device("cuda"))
