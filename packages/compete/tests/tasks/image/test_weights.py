"""Weights come from files of every make, or are refused in a sentence."""

import argparse
import os
import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import timm
import torch
from safetensors.torch import save_file

from compete.errors import Fault
from compete.tasks.image.weights import build_backbone

NAME = "test_efficientnet"
State = dict[str, torch.Tensor]


@pytest.fixture(scope="module")
def state() -> State:
    """The tensors of a trained backbone, with its own head of 1,000 classes."""
    torch.manual_seed(1)
    found: State = timm.create_model(NAME).state_dict()
    return found


def build(weights: str | Path, name: str = NAME) -> Any:
    """A backbone with three outputs, made from a checkpoint."""
    return build_backbone(name, str(weights), 3, 32, 0.0)


def loaded(model: Any, state: State) -> bool:
    """Whether the model is the checkpoint, but for its head, which is fresh."""
    found = model.state_dict()
    assert found["classifier.weight"].shape[0] == 3
    return all(torch.equal(found[k], v) for k, v in state.items() if "classifier" not in k)


def _with_prefix(state: State, prefix: str) -> State:
    return {f"{prefix}{key}": value for key, value in state.items()}


WRAPPERS: dict[str, Callable[[State], Any]] = {
    "a state dict": lambda s: s,
    "NVIDIA NGC": lambda s: {
        "state_dict": _with_prefix(s, "module."),
        "optimizer": {"state": {}, "param_groups": [{"lr": 0.1}]},
        "epoch": 3,
        "best_prec1": 0.7,
    },
    "Lightning": lambda s: {
        "state_dict": _with_prefix(s, "model."),
        "hyper_parameters": argparse.Namespace(lr=0.1),
        "pytorch-lightning_version": "2.5.0",
        "epoch": 3,
    },
    "Lightning, another attribute": lambda s: {
        "state_dict": _with_prefix(s, "net.") | {"loss.weight": torch.ones(3)},
        "hyper_parameters": {"lr": 0.1},
    },
    "torch.compile": lambda s: {"model": _with_prefix(s, "_orig_mod.")},
    "compiled, in DDP": lambda s: {"state_dict": _with_prefix(s, "module._orig_mod.")},
    "timm with an average": lambda s: {
        "state_dict": {key: torch.zeros_like(value) for key, value in s.items()},
        "state_dict_ema": s,
    },
    "other names in the same order": lambda s: {f"layer{i}.w": v for i, v in enumerate(s.values())},
}


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_a_checkpoint_is_loaded_whatever_it_is_wrapped_in(
    state: State, tmp_path: Path, wrapper: str
) -> None:
    torch.save(WRAPPERS[wrapper](state), tmp_path / "weights.pth")
    assert loaded(build(tmp_path / "weights.pth"), state)


def test_what_did_and_did_not_load_is_said(
    state: State, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    part = {key: value for key, value in state.items() if key != "conv_stem.weight"}
    save_file(part | {"extra": torch.ones(1)}, tmp_path / "weights.safetensors")
    model = build(tmp_path / "weights.safetensors")
    assert loaded(model, {k: v for k, v in part.items() if k in model.state_dict()})
    said = capsys.readouterr().err
    assert f"loaded {len(part)} of {len(state)} tensors by name" in said
    assert "not loaded: conv_stem.weight" in said
    assert "unused: 1" in said


def test_a_trained_fold_of_a_project_serves_as_weights(state: State, tmp_path: Path) -> None:
    kept = _with_prefix(state, "net.") | {"pixel_mean": torch.zeros(1, 3, 1, 1)}
    save_file(kept, tmp_path / "model.safetensors")
    assert loaded(build(tmp_path / "model.safetensors"), state)


class Evil:
    """Runs a command when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.mark),)


@pytest.mark.parametrize("how", ["torch", "pickle", "beside the tensors"])
@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_a_checkpoint_that_would_run_code_is_refused_and_does_not(
    state: State, tmp_path: Path, how: str
) -> None:
    path, mark = tmp_path / "weights.pth", tmp_path / "it ran"
    if how == "pickle":
        path.write_bytes(pickle.dumps({"state_dict": Evil(mark)}))
    else:
        extra = {"hyper_parameters": Evil(mark)}
        torch.save(({"state_dict": state} if how != "torch" else {}) | extra, path)
    with pytest.raises(Fault, match=r"could run code|can't be read"):
        build(path)
    assert not mark.exists()


@pytest.mark.parametrize("form", ["safetensors", "pth"])
@pytest.mark.parametrize("part", [0.0, 0.001, 0.5])
def test_a_truncated_file_is_refused(state: State, tmp_path: Path, form: str, part: float) -> None:
    path = tmp_path / f"weights.{form}"
    if form == "pth":
        torch.save(state, path)
    else:
        save_file(state, path)
    content = path.read_bytes()
    path.write_bytes(content[: int(part * len(content))])
    with pytest.raises(Fault, match=rf"weights\.{form} can't be read"):
        build(path)


def test_weights_of_another_architecture_are_refused(tmp_path: Path) -> None:
    save_file(timm.create_model("test_resnet").state_dict(), tmp_path / "other.safetensors")
    with pytest.raises(Fault, match=r"does not fit test_efficientnet: .* tensors are missing"):
        build(tmp_path / "other.safetensors")


@pytest.mark.parametrize("content", [{}, {"state_dict": {"epoch": 3}}, [1, 2], torch.ones(3)])
def test_a_file_without_weights_is_refused(tmp_path: Path, content: Any) -> None:
    torch.save(content, tmp_path / "weights.pth")
    with pytest.raises(Fault, match=r"weights\.pth"):
        build(tmp_path / "weights.pth")


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(Fault, match=r"There is no file nowhere/weights\.pth"):
        build("nowhere/weights.pth")


@pytest.mark.parametrize("name", ["resnet5000", "test_efficientnet.of_nobody", "not a model", ""])
@pytest.mark.parametrize("weights", ["none", "hub"])
def test_an_unknown_model_is_refused_with_some_that_there_are(name: str, weights: str) -> None:
    with pytest.raises(Fault, match="timm has no model"):
        build(weights, name)


def test_a_hub_out_of_reach_is_one_sentence_with_the_ways_out(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    start = time.monotonic()
    with pytest.raises(Fault, match=r"can't be fetched from the hub .*checkpoint.*none") as caught:
        build("hub", "test_efficientnet.r160_in1k")
    assert time.monotonic() - start < 5
    assert "\n" not in str(caught.value)


def test_a_model_without_weights_on_the_hub_is_refused() -> None:
    with pytest.raises(Fault, match="can't be fetched from the hub"):
        build("hub", "test_vit4")


def test_stochastic_depth_that_a_backbone_does_not_have_is_refused() -> None:
    for weights in ("none", "hub"):
        with pytest.raises(Fault, match=r"densenet121 has no stochastic depth.*drop_path: 0"):
            build_backbone("densenet121", weights, 3, 32, 0.1)
