"""What a Kaggler changes to climb takes one edit of the author's package, none of the engine."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from competitions import images, tables
from safetensors.torch import load_file
from samples import write

from compete import project
from compete.contract import Contract
from compete.errors import Fault
from compete.files import PARAMS
from compete.metrics import METRICS, find_metric, get_metric
from compete.portfolio.supervised.sections.validation import validation_section
from compete.portfolio.supervised.state import load_state
from compete.records import FoldRun, Scores
from compete.supervised.fit import build
from compete.supervised.predict import predict
from compete.supervised.prepare import prepare
from compete.supervised.staleness import refuse_stale
from compete.supervised.train import train
from compete.training.config import load_config
from compete.training.fingerprint import code_digest

Start = Callable[..., None]
METRIC = """
def belief(predictions, targets):
    return predictions.gather(1, targets[:, None]).mean().item()


METRICS.append(Metric("mean_belief", True, "probability", belief, ("beliefofkaggle",)))
"""
CAUGHT = """
def caught(predictions, targets):
    return (predictions.argmax(dim=1) >= targets).float().mean().item()


METRICS.append(Metric("caught", True, "label", caught, tune_threshold=True))
"""
LOSS = """
    def loss(self, logits: Tensor, targets: Tensor, smoothing: float = 0.0) -> Tensor:
        return super().loss(logits, targets, smoothing) * 0 + 7

    def forward"""
PRESET = """    "night": Preset(lambda side: [v2.ColorJitter(brightness=(0, 0))]),
    "none": """
LINEAR = """
class Linear(CompetitionModule):
    def __init__(self, contract: Contract, data: Data, bias: bool = True, **kwargs: Any) -> None:
        super().__init__(contract, data, **kwargs)
        self.net = torch.nn.Linear(data.known.numbers.shape[1], data.problem.outputs, bias)

    def forward(self, inputs: Inputs) -> Tensor:
        return self.net(inputs[0].nan_to_num())


Model = Linear
"""
RATE = """    mean = known.group_by("town").agg(pl.col("y").mean().alias("rate"))
    return rows.select("town").join(mean, "town", "left", maintain_order="left").select("rate")
"""


@pytest.fixture
def start(edit_author: Callable[..., Path], tmp_path: Path, monkeypatch: Any) -> Start:
    """`start(tables, edit, data={...})` prepares a small competition for an author who edits so."""

    def run(kind: Any, edit: tuple[str, ...], **sections: dict[str, Any]) -> None:
        edit_author("image" if kind is images else "tabular", *edit)
        kind.competition(tmp_path, **sections)
        monkeypatch.chdir(tmp_path)
        prepare()

    return run


def validation_scores(fold: int = 0) -> dict[str, float]:
    """Return what the training of a fold has logged at its end."""
    run = FoldRun.load("base", fold)
    assert run is not None
    assert run.finished
    return run.scores


def test_a_metric_decides_from_the_contract_to_the_report(start: Start) -> None:
    metric = {"competition": {"metric": "mean_belief"}, "data": {"folds": 2}}
    start(tables, ("metrics.py", METRIC), **metric)
    own = get_metric("mean_belief")
    assert find_metric("Belief of Kaggle") is own
    assert own.name not in METRICS
    contract = Contract.load()
    assert (contract.metric, contract.prediction) == ("mean_belief", "probability")
    assert (contract.scoring, contract.sources["metric"]) == (own, "params.yaml")

    write(Path("members/other.yaml"), "model: {lr: 0.1}\n")
    train(None, None, ["--trainer.max_epochs", "1"])
    predict()
    scores = Scores.load()
    assert scores is not None
    found = {"blend": scores.cv.score} | {k: one.score for k, one in scores.members.items()}
    for name, score in found.items():
        oof = pl.read_parquet(f"predictions/{name}/oof.parquet")
        p = oof.select("p_0", "p_1").to_numpy()[range(oof.height), oof["target_0"].to_list()]
        assert score == pytest.approx(p.mean(), abs=1e-6)
    best = max(scores.members, key=found.__getitem__)
    assert scores.members[best].weight == 1, "by this metric a blend is never better than the best"
    logged = [validation_scores(fold)["mean_belief"] for fold in (0, 1)]
    assert logged == pytest.approx(scores.members["base"].folds, abs=1e-4)
    assert scores.cv.metric == "mean_belief"
    write(Path("pyproject.toml"), '[project]\nname = "some"\nversion = "0"\n')
    assert "mean belief" in " ".join(map(str, validation_section(load_state([], "tabular")).text))


def test_a_metric_of_labels_stops_training_and_moves_the_threshold(start: Start) -> None:
    stop: dict[str, Any] = {"class_path": "lightning.pytorch.callbacks.EarlyStopping"}
    stop["init_args"] = {"monitor": "val/caught", "mode": "max", "patience": 1, "min_delta": 2.0}
    start(
        tables,
        ("metrics.py", CAUGHT),
        competition={"metric": "caught"},
        data={"folds": 2},
        trainer={"callbacks": [stop], "max_epochs": 9},
    )
    train(None, None, [])
    runs = [FoldRun.load("base", fold) for fold in (0, 1)]
    assert [run and run.epochs for run in runs] == [2, 2], "nothing gets better by two"
    predict()
    scores = Scores.load()
    assert scores is not None
    assert (scores.cv.metric, scores.cv.threshold) == ("caught", 0.05)


def test_a_metric_is_taken_by_the_name_that_kaggle_has_for_it(start: Start, tmp_path: Path) -> None:
    write(tmp_path / "data/competition.json", '{"metric": "Belief of Kaggle"}')
    start(tables, ("metrics.py", METRIC), competition={"metric": "auto"})
    contract = Contract.load()
    assert contract.metric == "mean_belief"
    assert contract.sources["metric"] == "Kaggle's record"


def test_a_loss_is_an_override_in_model_py(start: Start) -> None:
    start(tables, ("model.py", "\n    def forward", LOSS))
    train(0, None, ["--trainer.max_epochs", "1"])
    assert validation_scores()["loss"] == 7


def test_a_preset_of_augmentation_is_a_line_in_augment_py(start: Start) -> None:
    start(images, ("augment.py", '    "none": ', PRESET), data={"augment": "night"})
    data, _ = build(load_config("base"), Contract.load(), 0)
    dark, _ = next(iter(data.train_dataloader()))
    light, _ = next(iter(data.val_dataloader()))
    assert dark.max() == 0
    assert light.max() > 0


def test_a_model_of_ones_own_has_its_own_keys(start: Start) -> None:
    start(tables, ("model.py", LINEAR), data={"folds": 2})
    params = yaml.safe_load(PARAMS.read_text(encoding="utf-8"))
    write(PARAMS, yaml.safe_dump(params | {"model": {"lr": 0.1, "bias": False}}))
    train(None, None, ["--trainer.max_epochs", "3"])
    kept = load_file(FoldRun.folder("base", 0) / "model.safetensors")
    assert [name for name in kept if name.startswith("net.")] == ["net.weight"]
    predict()
    scores = Scores.load()
    assert scores is not None
    assert scores.cv.score > 0.5


def test_a_feature_is_a_column_in_features_py(start: Start) -> None:
    column = "    return table.with_columns(old=pl.col('age') > 60)\n"
    start(tables, ("features.py", "    return table\n", column))
    assert Contract.load().features["old"].kind == "category"
    data: Any = build(load_config("base"), Contract.load(), 0)[0]
    assert data.kinds["old"] == "category"
    train(0, None, ["--trainer.max_epochs", "1"])
    assert 0 <= validation_scores()["accuracy"] <= 1


def test_what_prepare_goes_by_is_not_changed_without_it(start: Start) -> None:
    start(tables, ("features.py", "    return table\n", "    return table\n"))
    quick = ["--trainer.max_epochs", "1"]
    with pytest.raises(Fault, match=r"base asks for `data.folds: 2`, but all members share"):
        train(0, None, [*quick, "--data.folds", "2"])
    file = Path(str(import_module(f"{project.package()}.features").__file__))
    text = file.read_text(encoding="utf-8")
    for edit, fails in ((f"# a remark\n{text}", False), (f"{text}\nX = 1\n", True), (text, False)):
        write(file, edit)
        code_digest.cache_clear()  # a command begins without it
        if fails:
            with pytest.raises(Fault, match=r"features.py has changed since .*`compete prepare`"):
                refuse_stale({})
        else:
            refuse_stale({})
    params = yaml.safe_load(PARAMS.read_text(encoding="utf-8"))
    params["data"] |= {"on_bad_row": "skip", "batch_size": 7}
    write(PARAMS, yaml.safe_dump(params))
    with pytest.raises(Fault, match=r"`data.on_bad_row` of params.yaml has changed"):
        train(0, None, quick)


def test_a_feature_of_targets_is_made_of_a_folds_training_rows(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(tables, ("features.py", "    return pl.DataFrame()\n", RATE))

    def data(fold: int) -> Any:
        return build(load_config("base"), Contract.load(), fold)[0]

    first, second = (data(fold).encoded["test"].numbers for fold in (0, 1))
    monkeypatch.setattr(f"{project.package()}.data.fold_features", lambda *_: pl.DataFrame())
    assert first.shape[1] == second.shape[1] == data(0).encoded["test"].numbers.shape[1] + 1
    assert (first[:, -1] != second[:, -1]).any()
