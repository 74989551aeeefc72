"""The encoder comes from a folder, the hub or nowhere, and its layers are known by their depth."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from samples import sentence

from compete.errors import Fault
from compete.tasks.text import encoder
from compete.tasks.text.encoder import tokenizer_for

TEXTS = [sentence(kind, seed) for kind in ("calm", "fire", "flood") for seed in range(20)]
KINDS = ["bert", "roberta", "distilbert", "electra", "deberta-v2", "albert", "modernbert"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A pretrained encoder, as `save_pretrained` writes it."""
    tokenizer, config = tokenizer_for("bert", "none", TEXTS)
    path = tmp_path / "made"
    tokenizer.save_pretrained(path)
    config.save_pretrained(path)
    encoder.build(path, "bert", "none", 7, "auto").save_pretrained(path)
    return path


def test_a_new_tokenizer_keeps_accents_and_knows_any_script() -> None:
    texts = ["Où est le café ?", "ou est le cafe ?", "שלום עולם", "これは本です"] * 3
    tokenizer, _ = tokenizer_for("bert", "none", texts)
    first, second = (tokenizer(text)["input_ids"] for text in texts[:2])
    assert first != second
    ids = [token for text in texts for token in tokenizer(text)["input_ids"]]
    assert tokenizer.unk_token_id not in ids
    assert tokenizer.decode(tokenizer("où est")["input_ids"], skip_special_tokens=True) == "où est"


@pytest.mark.parametrize("kind", KINDS)
def test_encoders_of_many_kinds_are_built_small(tmp_path: Path, kind: str) -> None:
    tokenizer, config = tokenizer_for(kind, "none", TEXTS)
    config.save_pretrained(tmp_path)
    model = encoder.build(tmp_path, kind, "none", 3, "auto")
    assert model.config.model_type == kind
    batch = tokenizer(TEXTS[:4], padding=True, return_tensors="pt", return_token_type_ids=False)
    assert model(**batch).logits.shape == (4, 3)
    names = [name for name, _ in model.named_parameters()]
    depths = encoder.depths(model, names)
    found = dict(zip(depths, names, strict=True))
    assert "embed" in found[max(depths)]
    assert 0 in found
    assert len(found) == (3 if kind == "albert" else 6), "its layers, embeddings and the head"
    layers = [d for d, name in zip(depths, names, strict=True) if ".0." in name or ".3." in name]
    assert all(0 < depth < max(depths) for depth in layers)


def test_a_folder_gives_its_weights_and_a_fresh_head(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = encoder.build(folder, "bert", "none", 7, "auto")
    source.load_state_dict(load_file(folder / "model.safetensors"))
    model = encoder.build(folder, "bert", str(folder), 3, "auto")
    for key, value in model.state_dict().items():
        if key.startswith("classifier"):
            assert value.shape[0] == 3
        else:
            assert torch.equal(value, source.state_dict()[key])
    assert "classifier.bias, classifier.weight" in capsys.readouterr().err


def test_dropout_is_set_wherever_the_encoder_has_some(folder: Path) -> None:
    model = encoder.build(folder, "bert", "none", 3, 0.25)
    rates = {m.p for m in model.modules() if isinstance(m, torch.nn.Dropout)}
    assert rates == {0.25}


def test_a_folder_that_holds_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Fault, match=r"no folder nowhere with a config.json.*hub, none"):
        tokenizer_for("bert", "nowhere", TEXTS)
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(Fault, match=r"The folder .* can't be used.*save_pretrained"):
        tokenizer_for("bert", str(tmp_path), TEXTS)


def test_weights_of_another_architecture_are_refused(folder: Path, tmp_path: Path) -> None:
    _, config = tokenizer_for("distilbert", "none", TEXTS)
    other = tmp_path / "other"
    config.save_pretrained(other)
    (other / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes())
    with pytest.raises(Fault, match=r"does not fit its own configuration.*backbone"):
        encoder.build(other, "distilbert", str(other), 3, "auto")


def test_the_hub_out_of_reach_is_one_sentence_with_the_ways_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(Fault, match=r"nobody/no-such-model on the hub can't be used") as caught:
        tokenizer_for("nobody/no-such-model", "hub", TEXTS)
    for way in ("network", "folder", "none"):
        assert way in str(caught.value)
