"""Translators and tokenizers of many kinds, small and new or from a folder."""

import shutil
from pathlib import Path

import pytest
import torch
import yaml
from competitions.sentences import competition, rows
from safetensors.torch import load_file

from compete.errors import Fault
from compete.files import file_digest
from compete.records import FoldRun
from compete.supervised.predict import predict
from compete.supervised.prepare import prepare
from compete.supervised.train import train
from compete.tasks.translation.generation import RowLimits
from compete.tasks.translation.seq2seq import build, tokenizer_for

TASK = "translation"
TEXTS = [row[side] for row in rows() for side in ("english", "french")]


@pytest.mark.parametrize("kind", ["t5", "marian", "bart", "mbart"])
def test_translators_of_many_kinds_are_built_small(tmp_path: Path, kind: str) -> None:
    tokenizer, config = tokenizer_for(kind, "none", TEXTS, (None, None))
    config.save_pretrained(tmp_path)
    model = build(tmp_path, kind, "none", 0.0)
    assert model.config.model_type == kind
    batch = tokenizer(TEXTS[:4], padding=True, return_tensors="pt")
    loss = model(**batch, labels=batch["input_ids"]).loss
    assert torch.isfinite(loss)
    generated = model.generate(**batch, num_beams=2, max_new_tokens=5)
    assert generated.shape[0] == 4
    begun = model.prepare_decoder_input_ids_from_labels(batch["input_ids"])[:, 0].tolist()
    assert generated[:, 0].tolist() == begun  # a translation begins as in training


@pytest.mark.parametrize("beams", [1, 3])
def test_a_translation_that_finds_no_end_is_as_long_whatever_lies_beside_it(
    tmp_path: Path, beams: int
) -> None:
    torch.manual_seed(0)
    tokenizer, config = tokenizer_for("marian", "none", TEXTS, (None, None))
    config.save_pretrained(tmp_path)
    model = build(tmp_path, "marian", "none", 0.0).eval()

    def translated(texts: list[str], limits: list[int]) -> list[list[int]]:
        batch = tokenizer(texts, padding=True, return_tensors="pt")
        stops = [RowLimits(torch.tensor(limits))]
        options = {"num_beams": beams, "do_sample": False, "max_new_tokens": max(limits) + 1}
        made = model.generate(**batch, stopping_criteria=stops, **options)
        ended = (config.pad_token_id, config.eos_token_id)
        return [[token for token in row if token not in ended] for row in made.tolist()]

    short, long = TEXTS[0], " ".join(TEXTS[:3])
    together = translated([short, long], [6, 20])
    assert together == translated([short], [6]) + translated([long], [20])
    assert [len(row) for row in together] == [6, 20]


def test_a_new_tokenizer_gives_texts_back_as_they_were() -> None:
    texts = ["Où est le café ? C'est là-bas.", "2024, 12 km", "les élèves (deux)"]
    tokenizer, _ = tokenizer_for("t5", "none", texts * 3, (None, None))
    for text in texts:
        assert tokenizer.decode(tokenizer(text)["input_ids"], skip_special_tokens=True) == text


def test_a_language_that_the_tokenizer_does_not_know_is_refused(tmp_path: Path) -> None:
    tokenizer, config = tokenizer_for("t5", "none", TEXTS, (None, None))
    tokenizer.save_pretrained(tmp_path)
    config.save_pretrained(tmp_path)
    with pytest.raises(Fault, match=r"does not support the language 'xx_XX'.*target_language"):
        tokenizer_for("t5", str(tmp_path), TEXTS, (None, "xx_XX"))


def test_what_the_weights_say_of_generation_holds_for_the_trained_model_too(
    author: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokenizer, config = tokenizer_for("mbart", "none", TEXTS, (None, None))
    tokenizer.add_special_tokens({"extra_special_tokens": ["fr_XX"]})
    config.vocab_size = len(tokenizer)
    made = tmp_path / "made"
    config.save_pretrained(made)
    tokenizer.save_pretrained(made)
    model = build(made, "mbart", "none", "auto")
    model.generation_config.bad_words_ids = [[7]]
    model.save_pretrained(made)
    work = tmp_path / "work"
    competition(
        work,
        model={"backbone": "anything", "weights": str(made)},
        data={"target_language": "fr_XX"},
    )
    monkeypatch.chdir(work)
    prepare()
    (place,) = (work / "data/processed").glob("tokens-*")
    rules = build(place, str(place), "none", "auto").generation_config
    assert rules.bad_words_ids == [[7]]
    assert rules.forced_bos_token_id == tokenizer.convert_tokens_to_ids("fr_XX")


def test_training_goes_on_from_a_folder_of_save_pretrained(
    author: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokenizer, config = tokenizer_for("marian", "none", TEXTS, (None, None))
    made = tmp_path / "made"
    config.save_pretrained(made)
    build(made, "marian", "none", "auto").save_pretrained(made)
    tokenizer.save_pretrained(made)
    work = tmp_path / "work"
    competition(work, model={"backbone": "anything", "weights": str(made), "lr": 1e-9})
    monkeypatch.chdir(work)
    prepare()
    train(0, None, ["--model.ema", "0"])
    kept = load_file(work / "runs/base/fold0/model.safetensors")
    before = load_file(made / "model.safetensors")
    shared = [key for key in before if f"net.{key}" in kept]
    assert len(shared) > 20
    assert all(torch.allclose(kept[f"net.{key}"], before[key], atol=1e-5) for key in shared)
    text = (work / "runs/base/fold0/config.yaml").read_text(encoding="utf-8")
    kept_config = yaml.safe_load(text)
    assert kept_config["model"]["weights"] == "made"  # as it was used, less the author's folders
    assert str(tmp_path) not in text
    run = FoldRun.load("base", 0)
    assert run
    assert run.pretrained
    assert (run.pretrained.source, run.pretrained.kind) == ("made", "file")
    assert run.pretrained.sha256 == file_digest(made / "model.safetensors")
    shutil.rmtree(made)  # what was trained needs no more what it began with
    predict()
