"""A fold is trained again when settings, data, weights or code change, and never for a comment."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from authors import params_of
from samples import make_contract, write
from small import settle

import compete
from compete import project
from compete.training import fingerprint
from compete.training.config import load_config

Edit = Callable[..., Path]
ENGINE = Path(compete.__file__).parent
FEATURES = '''"""Columns that are added."""

import polars as pl

SCALE = 2.0


def add_columns(table: pl.DataFrame) -> pl.DataFrame:
    """Return the table with more columns."""
    return table.with_columns(pl.col("age") * SCALE)
'''
SILENT = {
    "a comment": ("SCALE = 2.0", "# A thought.\nSCALE = 2.0  # and another"),
    "a blank line": ("\n\n\ndef", "\n\n\n\ndef"),
    "another docstring": ("Columns that are added.", "Other words."),
    "no docstring": ('    """Return the table with more columns."""\n', ""),
    "a line cut in two": ('(pl.col("age") * SCALE)', '(\n        pl.col("age") * SCALE\n    )'),
}
LOUD = {
    "a constant": ("2.0", "3.0"),
    "a string": ("age", "sex"),
    "a line": ("    return", "    SCALE = 1\n    return"),
}


def digest(overrides: tuple[str, ...] = (), fold: int = 0) -> str:
    """Return the fingerprint of a fold as another process would find it."""
    fingerprint.code_digest.cache_clear()
    fingerprint._tree.cache_clear()
    config = load_config("base", overrides)
    return fingerprint.fingerprint(config, fold, "compete.supervised.fit")


def found(package: Path) -> set[str]:
    """Return the files whose code counts, such as `compete/contract.py`."""
    fingerprint._tree.cache_clear()
    roots = ("compete.supervised.fit", *(f"{package.name}.{name}" for name in project.NAMES))
    return {
        path.relative_to((ENGINE if ENGINE in path.parents else package).parent).as_posix()
        for path in fingerprint.imported(roots)
    }


@pytest.fixture
def package(edit_author: Edit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an author's package, in a project that is prepared."""
    monkeypatch.chdir(tmp_path)
    settle(tmp_path, params_of("tabular"), {}, {})
    make_contract().save()
    write(tmp_path / "data/processed/prepared.json", '{"digest": "abc"}')
    return edit_author("tabular")


def test_a_comment_costs_nothing_and_a_constant_does(package: Path) -> None:
    digest()  # imports the modules, which are what they are from now on
    path = package / "features.py"

    def edited(old: str, new: str) -> str:
        assert old in FEATURES
        path.write_text(FEATURES.replace(old, new), encoding="utf-8")
        return digest()

    before = edited("", "")
    assert {name: edited(*SILENT[name]) for name in SILENT} == dict.fromkeys(SILENT, before)
    assert len({before, *(edited(*LOUD[name]) for name in LOUD)}) == 1 + len(LOUD)


def test_another_loss_is_another_training(package: Path) -> None:
    before, path = digest(), package / "model.py"
    loss = "Model.loss = lambda self, logits, targets, smoothing=0.0: logits.square().mean()\n"
    path.write_text(f"{path.read_text(encoding='utf-8')}\n\n{loss}", encoding="utf-8")
    assert digest() != before


@pytest.mark.parametrize(
    "name", ["supervised/module", "metrics/regression", "tasks/tabular/encode"]
)
def test_so_it_is_with_the_engines_own_code(tmp_path: Path, name: str) -> None:
    text = (ENGINE / f"{name}.py").read_text(encoding="utf-8")

    def code(changed: str) -> str:
        assert changed != text or not list(tmp_path.iterdir())
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.py"
        path.write_text(changed, encoding="utf-8")
        return fingerprint.code_digest(path)

    before = code(text)
    assert code(f"# A thought.\n\n{text}") == before
    assert code(text.replace('"""', '"""In other words: ', 1)) == before
    assert code(text.replace("return ", "return None or ", 1)) != before
    assert code(f"{text}\nEPSILON = 1e-8\n") != before


def test_what_is_imported_counts_and_what_only_shows_does_not(package: Path) -> None:
    files = found(package)
    for name in ("data", "model", "settings", "metrics", "features"):
        assert f"{package.name}/{name}.py" in files
    for name in ("metrics/regression", "contract", "problems/regression", "tasks/tabular/encode"):
        assert f"compete/{name}.py" in files
    assert {"compete/supervised/fit.py", "compete/problems/__init__.py"} <= files
    unseen = ("charts", "cli", "kaggle", "portfolio", "supervised/predict", "tasks/image")
    assert not [name for name in files if name.startswith(tuple(f"compete/{u}" for u in unseen))]


@pytest.mark.parametrize("line", ["from .nets import small", "from .nets.small import WIDTH"])
def test_a_module_counts_from_the_moment_it_is_imported(package: Path, line: str) -> None:
    before = digest()
    write(package / "nets/__init__.py", "DEPTH = 2\n")
    write(package / "nets/small.py", "WIDTH = 3\n")
    assert digest() == before
    assert f"{package.name}/nets/small.py" not in found(package)
    features = package / "features.py"
    text = features.read_text(encoding="utf-8")
    features.write_text(f"{text}\n\n{line}\n", encoding="utf-8")
    assert {f"{package.name}/nets/{name}.py" for name in ("__init__", "small")} <= found(package)
    imported = digest()
    write(package / "nets/__init__.py", "DEPTH = 4\n")
    assert len({before, imported, digest()}) == 3


@pytest.mark.parametrize("name", ["metrics", "features", "data", "settings"])
def test_each_module_of_the_author_counts(package: Path, name: str) -> None:
    before, path = digest(), package / f"{name}.py"
    path.write_text(path.read_text(encoding="utf-8") + "\n\nMORE = 1\n", encoding="utf-8")
    assert digest() != before


def test_keys_that_change_no_weights_cost_nothing(package: Path) -> None:
    before = digest()
    for key in ("--data.num_workers=3", "--data.trained_folds=1", "--trainer.log_every_n_steps=7"):
        assert digest((key,)) == before, key
    assert digest(("--trainer.devices=2", "--trainer.strategy=ddp")) == before
    loud: list[tuple[Any, ...]] = [
        ("--model.lr=0.1",),
        ("--data.folds=4",),
        ("--trainer.max_epochs=3",),
        ("--seed_everything=7",),
    ]
    assert len({before, digest(fold=1), *map(digest, loud)}) == 2 + len(loud)


def test_data_contract_and_files_of_weights_count(package: Path, tmp_path: Path) -> None:
    weights = tmp_path / "weights"
    asked = (f"--model.weights={weights}",)
    found = [digest(asked)]
    write(weights / "model.bin", "1")
    found.append(digest(asked))
    write(weights / "model.bin", "2")
    found.append(digest(asked))
    make_contract(metric="log_loss").save()
    found.append(digest(asked))
    write(tmp_path / "data/processed/prepared.json", '{"digest": "other rows"}')
    found.append(digest(asked))
    assert len(set(found)) == 5


def test_what_kaggle_says_of_dates_and_quotas_costs_nothing(package: Path) -> None:
    before = digest()
    make_contract(deadline="2031-01-01", title="Another title", max_daily_submissions=9).save()
    assert digest() == before


def test_a_class_that_params_yaml_names_counts(package: Path) -> None:
    write(
        package / "extra.py",
        "import lightning\n\n\nclass Mine(lightning.Callback):\n    rate = 1\n",
    )
    asked = (f"--trainer.callbacks+={package.name}.extra.Mine",)
    before = digest(asked)
    write(package / "extra.py", (package / "extra.py").read_text().replace("rate = 1", "rate = 2"))
    fingerprint.code_digest.cache_clear()
    assert digest(asked) != before
