"""params.yaml, a member's file over it, the command line over both: typed, checked by name."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from authors import params_of
from samples import write
from small import settle

from compete.errors import Fault
from compete.files import PARAMS
from compete.training.config import LIGHT, load_base, load_config, member_names

TASK = "tabular"


@pytest.fixture(autouse=True)
def _within(author: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a project's folder whose member changes two keys."""
    settle(tmp_path, params_of("tabular"), {"data": {"folds": 3}, "model": {"width": 16}}, {})
    write(tmp_path / "members/other.yaml", "model: {lr: 0.25}\ndata: {folds: 4}\n")
    monkeypatch.chdir(tmp_path)


def change(section: str, **values: Any) -> None:
    """Change keys of a section of params.yaml."""
    params = yaml.safe_load(PARAMS.read_text(encoding="utf-8"))
    params[section] = values if section not in params else params[section] | values
    write(PARAMS, yaml.safe_dump(params))


def test_the_sections_are_typed_objects(author: str) -> None:
    config = load_config("base")
    assert type(config.data).__module__ == f"{author}.settings"
    assert (config.member, config.competition.slug) == ("base", "some-competition")
    assert (config.data.folds, config.data.fold_kind) == (3, "auto")
    assert (config.model["width"], config.seed_everything) == (16, 42)
    assert config.trainer is not None
    assert config.trainer.max_epochs == 1


def test_without_a_member_params_yaml_stands_alone() -> None:
    base = load_base()
    assert (base.member, base.model, base.trainer) == ("", {}, None)
    assert (base.competition, base.data) == (
        load_config("base").competition,
        load_config("base").data,
    )


def test_a_member_overrides_params_yaml_and_the_command_line_both() -> None:
    config = load_config("other")
    assert (config.model["lr"], config.model["width"]) == (0.25, 16)
    assert config.data.folds == 4
    asked = load_config("other", ["--model.lr", "0.5", "--data.folds=5", "--seed_everything=1"])
    assert (asked.model["lr"], asked.seed_everything) == (0.5, 1)
    assert asked.data.folds == 5


@pytest.mark.parametrize(
    ("section", "values"),
    [
        ("competition", {"metrik": "auc"}),
        ("data", {"batchsize": 3}),
        ("model", {"colour": "blue"}),
        ("trainer", {"epochs": 3}),
    ],
)
def test_an_unknown_key_is_refused_by_name(section: str, values: dict[str, Any]) -> None:
    change(section, **values)
    with pytest.raises(Fault, match=rf"{section}.*{next(iter(values))}.*--help"):
        load_config("base")


@pytest.mark.parametrize(
    ("section", "values"),
    [
        ("competition", {"slug": 7}),
        ("competition", {"target_columns": "y"}),
        ("data", {"folds": "three"}),
        ("data", {"fold_kind": "random"}),
        ("data", {"balanced_sampling": "perhaps"}),
        ("data", {"column_types": ["number"]}),
        ("model", {"lr": "fast"}),
        ("trainer", {"max_epochs": "many"}),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_by_name(section: str, values: dict[str, Any]) -> None:
    change(section, **values)
    with pytest.raises(Fault, match=rf"{section}.{next(iter(values))}"):
        load_config("base")


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("data", "folds", 1),
        ("data", "batch_size", 0),
        ("data", "batch_size", True),
        ("data", "trained_folds", -1),
        ("model", "lr", 0.0),
        ("model", "width", -3),
        ("model", "dropout", 1.0),
        ("model", "tree_depth", 17),
        ("trainer", "max_epochs", 0),
        ("trainer", "accumulate_grad_batches", 0),
        ("trainer", "gradient_clip_val", -1.0),
    ],
)
def test_a_number_out_of_bounds_is_refused_in_a_sentence(
    section: str, key: str, value: float
) -> None:
    change(section, **{key: value})
    with pytest.raises(Fault, match=rf"{section}\.{key}.*Input should be.*{value}") as caught:
        load_config("base")
    assert not any(noise in str(caught.value) for noise in ("pydantic", "type=", "Subtypes"))


def test_numbers_at_the_bounds_are_taken() -> None:
    change("data", folds=2, batch_size=1, num_workers=0)
    change("model", dropout=0.0, warmup=1.0, ema=0.0)
    change("trainer", max_epochs=-1, max_steps=1, gradient_clip_val=0)
    config = load_config("base", ["--model.k=1"])
    assert (config.data.folds, config.model["k"], config.trainer.max_epochs) == (2, 1, -1)
    assert type(config.data.folds) is int, "a plain number, which YAML can write"
    with pytest.raises(Fault, match=r"seed_everything.*greater than or equal to 0"):
        load_config("base", ["--seed_everything=-1"])


def test_an_unknown_section_is_refused_with_those_there_are() -> None:
    change("optimizer", name="sgd")
    with pytest.raises(Fault, match=r"params\.yaml has an unknown section: 'optimizer'.*model"):
        load_base()


def test_a_members_file_is_checked_as_well() -> None:
    write(Path("members/bad.yaml"), "modell: {lr: 1}\n")
    with pytest.raises(Fault, match=r"bad\.yaml has an unknown section: 'modell'"):
        load_config("bad")
    write(Path("members/bad.yaml"), "model: {colour: blue}\n")
    with pytest.raises(Fault, match=r"bad\.yaml.*colour"):
        load_config("bad")


def test_a_wrong_override_is_refused_by_name() -> None:
    with pytest.raises(Fault, match="colour"):
        load_config("base", ["--model.colour", "blue"])


def test_members_are_the_files_of_their_folder() -> None:
    assert member_names() == ["base", "other"]
    with pytest.raises(Fault, match=r"no member 'third'.*base, other"):
        load_config("third")
    for file in Path("members").iterdir():
        file.unlink()
    with pytest.raises(Fault, match=r"contains no member.*base\.yaml"):
        member_names()


def test_a_fold_is_made_again_from_what_was_kept_of_it() -> None:
    trained = load_config("other", ["--data.num_workers", "3"])
    now = load_config("base", ["--data.num_workers", "5"])
    again = now.from_kept(yaml.safe_load(yaml.safe_dump(trained.kept())))
    assert (again.model, again.seed_everything) == (trained.model, trained.seed_everything)
    assert again.data.folds == 4
    assert again.data.num_workers == 5, "today's"
    with pytest.raises(Fault, match=r"trained with other keys.*colour.*compete train"):
        now.from_kept(trained.kept() | {"data": {"colour": "blue"}})


def test_the_light_sections_import_no_torch(authors: Callable[[str], Path]) -> None:
    program = (
        "import sys\n"
        "from compete.training.config import LIGHT, load_base, load_competition, load_config\n"
        "load_competition(), load_base(), load_config('other', sections=LIGHT)\n"
        "heavy = {'torch', 'lightning', 'polars'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    env = dict(os.environ) | {"PYTHONPATH": str(authors("tabular"))}
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "model" not in LIGHT
