"""Translators of every kind are taught, and answer in strings, never in empty ones."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
import yaml
from conftest import Package
from safetensors.torch import load_file
from sentences import competition, rows
from small import prepare_there, write

PARAMS = Path(__file__).parents[1] / "params.yaml"
TEXTS = [row[side] for row in rows() for side in ("english", "french")]
Make = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("within")


@pytest.fixture(scope="module")
def prepared(package: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A competition of small sentences, prepared; shared, so change no file of it."""
    return prepare_there(competition(tmp_path_factory.mktemp("prepared"), PARAMS), package)


@pytest.mark.parametrize("kind", ["t5", "marian", "bart", "mbart"])
def test_translators_of_many_kinds_are_built_small(
    package: Package, tmp_path: Path, kind: str
) -> None:
    seq2seq = package("modeling.seq2seq")
    tokenizer, config = seq2seq.tokenizer_for(kind, "none", TEXTS, (None, None))
    config.save_pretrained(tmp_path)
    model = seq2seq.build(tmp_path, kind, "none", 0.0)
    assert model.config.model_type == kind
    batch = tokenizer(TEXTS[:4], padding=True, return_tensors="pt")
    loss = model(**batch, labels=batch["input_ids"]).loss
    assert torch.isfinite(loss)
    said = model.generate(**batch, num_beams=2, max_new_tokens=5)
    assert said.shape[0] == 4
    taught = model.prepare_decoder_input_ids_from_labels(batch["input_ids"])[:, 0].tolist()
    assert said[:, 0].tolist() == taught  # an answer begins as those did that it learnt from


def test_a_new_tokenizer_gives_texts_back_as_they_were(package: Package) -> None:
    texts = ["Où est le café ? C'est là-bas.", "2024, 12 km", "les élèves (deux)"]
    tokenizer, _ = package("modeling.seq2seq").tokenizer_for("t5", "none", texts * 3, (None, None))
    for text in texts:
        assert tokenizer.decode(tokenizer(text)["input_ids"], skip_special_tokens=True) == text


def test_labels_leave_padding_out_and_end_with_the_end_mark(make: Make) -> None:
    data, model = make()
    inputs, labels = next(iter(data.train_dataloader()))
    assert inputs["input_ids"].shape == inputs["attention_mask"].shape
    for row in labels:
        said = row[row != -100]
        assert said[-1] == model.tokenizer.eos_token_id
        assert (row[len(said) :] == -100).all()
    logits = model(inputs, labels)
    assert logits.shape[:2] == labels.shape
    wide = torch.nn.functional.pad(labels, (0, 3), value=-100)
    assert torch.allclose(
        model.eval().loss(model(inputs, wide), wide), model.loss(model(inputs, labels), labels)
    )


def test_a_fold_recalls_only_what_it_trains_on_and_never_a_row_itself(make: Make) -> None:
    data, _ = make()
    recalled = data.recalled["train"]
    shown = recalled[recalled >= 0]
    assert len(shown) == len(recalled)
    assert not (recalled == range(len(recalled))).any()
    assert set(shown) <= set(data.train_rows)
    assert set(data.recalled["test"]) - set(data.train_rows)  # what is known at last
    row = int(data.valid_rows[0])
    source, target = data.train_dataloader().dataset[row]
    known = [data.tokens.sources["train"][row], data.tokens.targets[recalled[row]]]
    assert source.tolist() == [token for part in known for token in part]
    assert target.tolist() == data.tokens.targets[row].tolist()


def test_what_is_most_alike_is_recalled(package: Package, tmp_path: Path) -> None:
    memory = package("modeling.memory")
    train = ["open the file", "close the file", "a bird sings", "open the files"]
    memory.keep_similar(tmp_path, {"train": train, "test": ["birds sing", "open a file"]})
    assert memory.recall(tmp_path, "train", 4).tolist()[:2] == [3, 0]
    assert memory.recall(tmp_path, "test", 2)[0] == 2
    only_bird = np.array([False, False, True, False])
    assert memory.recall(tmp_path, "train", 4, only_bird).tolist() == [2, 2, -1, 2]


@pytest.mark.parametrize(
    ("asked", "weights", "rows", "used"),
    [
        ("auto", "none", 50_000, True),
        ("auto", "none", 50_001, False),
        ("auto", "hub", 100, False),
        (True, "hub", 100, True),
        (False, "none", 100, False),
    ],
)
def test_the_memory_is_for_models_from_scratch_or_when_asked(
    package: Package, asked: bool | str, weights: str, rows: int, used: bool
) -> None:
    assert package("modeling.memory").is_used(asked, weights, rows) == used


def test_without_a_memory_the_source_stands_alone(
    package: Package, tmp_path: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = competition(tmp_path, PARAMS, data={"translation_memory": False})
    monkeypatch.chdir(prepare_there(without, package))
    data, _ = make()
    assert (data.recalled["train"] == -1).all()
    source, _ = data.train_dataloader().dataset[3]
    assert source.tolist() == data.tokens.sources["train"][3].tolist()


def test_an_answer_is_never_empty(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    data, model = make()
    inputs, _ = next(iter(data.test_dataloader()))
    monkeypatch.setattr(model, "_translate", lambda inputs, beams: [""] * len(inputs["input_ids"]))
    inputs["input_ids"][-1] = model.tokenizer.pad_token_id
    answers = model.predict_batch(inputs)
    assert answers[-1] == "-"
    assert all(answers)
    assert answers[0].startswith(("the ", "a ", "my "))


@pytest.fixture
def journey(package: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """`journey(members, **sections)` goes from files to a submission; gives the metrics."""
    monkeypatch.chdir(tmp_path)

    def run(members: dict[str, str] | None = None, **sections: Any) -> dict[str, Any]:
        competition(tmp_path, PARAMS, **sections)
        for name, text in (members or {}).items():
            write(tmp_path / f"members/{name}.yaml", text)
        package("modeling.prepare").prepare()
        package("modeling.train").train(None, None, [])
        package("modeling.predict").predict()
        text = (tmp_path / "reports/metrics.json").read_text(encoding="utf-8")
        metrics: dict[str, Any] = json.loads(text)
        verdict = package("kaggle.validate").validate(
            tmp_path / "submissions/submission.csv", package("competition").Contract.load()
        )
        assert not verdict.faults
        return metrics

    return run


def test_sentences_are_learnt_and_rows_keep_their_order(journey: Make, tmp_path: Path) -> None:
    metrics = journey(trainer={"max_epochs": 40}, model={"ema": 0.0})
    assert metrics["cv"]["metric"] == "chrf"
    assert metrics["cv"]["score"] > 60
    sent = pl.read_csv(tmp_path / "submissions/submission.csv")
    truth = [row["french"] for row in rows(9, 100)]
    assert sent["id"].to_list() == list(range(100, 109))
    assert sum(a == b for a, b in zip(sent["french"], truth, strict=True)) >= 5
    oof = pl.read_parquet(tmp_path / "predictions/base/oof.parquet")
    assert oof["row"].to_list() == list(range(36))
    assert oof["target_0"].to_list() == [row["french"] for row in rows()]
    assert oof["p_french"].dtype == pl.String


def test_members_of_strings_are_blended_by_consensus(journey: Make, tmp_path: Path) -> None:
    metrics = journey({"second": "model: {backbone: marian}\n"})
    assert set(metrics["members"]) == {"base", "second"}
    scores = [member["score"] for member in metrics["members"].values()]
    assert metrics["cv"]["score"] >= max(scores) - 1e-6
    blend = pl.read_parquet(tmp_path / "predictions/blend/test.parquet")
    own = [
        pl.read_parquet(tmp_path / f"predictions/{name}/test.parquet")["p_french"]
        for name in ("base", "second")
    ]
    assert all(text in pair for text, *pair in zip(blend["p_french"], *own, strict=True))


def test_a_folder_of_save_pretrained_is_gone_on_with(
    package: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seq2seq = package("modeling.seq2seq")
    tokenizer, config = seq2seq.tokenizer_for("marian", "none", TEXTS, (None, None))
    made = tmp_path / "made"
    config.save_pretrained(made)
    model = seq2seq.build(made, "marian", "none", "auto")
    model.save_pretrained(made)
    tokenizer.save_pretrained(made)
    work = tmp_path / "work"
    competition(work, PARAMS, model={"backbone": "anything", "weights": str(made), "lr": 1e-9})
    monkeypatch.chdir(work)
    package("modeling.prepare").prepare()
    package("modeling.train").train(0, None, ["--model.ema", "0"])
    kept = load_file(work / "runs/base/fold0/model.safetensors")
    before = load_file(made / "model.safetensors")
    shared = [key for key in before if f"net.{key}" in kept]
    assert len(shared) > 20
    assert all(torch.allclose(kept[f"net.{key}"], before[key], atol=1e-5) for key in shared)
    config = yaml.safe_load((work / "runs/base/fold0/config.yaml").read_text(encoding="utf-8"))
    assert config["model"]["weights"] == "none"
    package("modeling.predict").predict()


def test_a_language_that_the_tokenizer_does_not_know_is_refused(
    package: Package, tmp_path: Path, fault: type[Exception]
) -> None:
    seq2seq = package("modeling.seq2seq")
    tokenizer, config = seq2seq.tokenizer_for("t5", "none", TEXTS, (None, None))
    tokenizer.save_pretrained(tmp_path)
    config.save_pretrained(tmp_path)
    with pytest.raises(fault, match=r"knows no language 'xx_XX'.*target_language"):
        seq2seq.tokenizer_for("t5", str(tmp_path), TEXTS, (None, "xx_XX"))


@pytest.mark.parametrize(
    ("overrides", "named"),
    [
        (["--model.lrr", "1"], "lrr"),
        (["--model.beams", "many"], "beams"),
        (["--data.max_length", "12"], "compete prepare"),
        (["--model.weights", "nowhere"], "compete prepare"),
    ],
)
def test_a_wrong_key_or_value_is_refused_by_name(
    package: Package, within: Path, fault: type[Exception], overrides: list[str], named: str
) -> None:
    with pytest.raises(fault, match=named):
        package("modeling.train").train(0, None, overrides)
