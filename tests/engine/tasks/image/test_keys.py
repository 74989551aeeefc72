"""Keys of params.yaml, of members and of the command line: each is checked by name and type."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from competitions.images import competition
from samples import write
from small import prepare_there

from compete.errors import Fault
from compete.supervised.train import train
from compete.training.config import load_config, member_names

TASK = "image"


@pytest.fixture(scope="module")
def prepared(author: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A competition of three kinds of images, prepared; shared, so change no file of it."""
    return prepare_there(competition(tmp_path_factory.mktemp("prepared"), rows=12))


@pytest.mark.parametrize(
    ("overrides", "named"),
    [
        (["--model.lrr", "1"], "lrr"),
        (["--model.lr", "fast"], "lr"),
        (["--data.image_size", "large"], "image_size"),
        (["--data.batch_size", "2.5"], "batch_size"),
        (["--trainer.max_epoch", "1"], "max_epoch"),
        (["--trainer.precision", "half"], "precision"),
        (["--model.tune", "some"], "some"),
        (["--data.augment", "wild"], "wild"),
        (["--model.backbone", "resnet5000"], "resnet5000"),
        (["--trainer.accelerator", "quantum"], "quantum"),
    ],
)
def test_a_wrong_key_or_value_is_refused_by_name(
    within: Path, overrides: list[str], named: str
) -> None:
    with pytest.raises(Fault, match=named):
        train(0, None, overrides)


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [("model", "learning_rate", 1), ("model", "ema", "none"), ("extra", "key", 1)],
)
def test_a_wrong_line_of_the_file_is_refused_by_name(
    author: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    section: str,
    key: str,
    value: Any,
) -> None:
    competition(tmp_path, rows=0)
    path = tmp_path / "params.yaml"
    params = yaml.safe_load(path.read_text(encoding="utf-8"))
    params.setdefault(section, {})[key] = value
    path.write_text(yaml.safe_dump(params), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Fault, match=key if section != "extra" else section):
        load_config("base")


def test_a_members_own_keys_are_laid_over_the_projects(
    author: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    competition(tmp_path, rows=0)
    write(tmp_path / "members/second.yaml", "model: {backbone: test_vit}\n")
    monkeypatch.chdir(tmp_path)
    assert member_names() == ["base", "second"]
    assert load_config("second").model["backbone"] == "test_vit"
    assert load_config("second").model["weights"] == "none"
    assert load_config("second", ["--model.weights", "hub"]).model["weights"] == "hub"
    with pytest.raises(Fault, match=r"no member 'third'.*base, second"):
        load_config("third")
