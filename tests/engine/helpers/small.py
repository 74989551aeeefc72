"""What the small competitions of the tests have in common."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from samples import write

Rows = list[dict[str, Any]]
_JINJA = re.compile(r"\{\{.*?\}\}")


def as_csv(table: Rows, columns: list[str] | None = None) -> str:
    """The rows as CSV, with the columns of the first."""
    text = io.StringIO()
    names = columns or list(table[0])
    writer = csv.DictWriter(text, names, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return text.getvalue()


def read_params(path: Path) -> dict[str, Any]:
    """Read a params.yaml as the template or a project holds it."""
    values: dict[str, Any] = yaml.safe_load(_JINJA.sub("auto", path.read_text(encoding="utf-8")))
    return values


def write_params(root: Path, params: Path, *changes: dict[str, Any]) -> None:
    """Write a params.yaml and the one member.

    Args:
        root: the project's folder.
        params: the params.yaml to start from, as the template or a project holds it.
        changes: what is changed in it, section by section.
    """
    values = read_params(params)
    for sections in changes:
        for name, section in sections.items():
            values[name] |= section
    write(root / "params.yaml", yaml.safe_dump(values))
    write(root / "members/base.yaml", "{}\n")


def settle(root: Path, params: Path, usual: dict[str, Any], sections: dict[str, Any]) -> None:
    """Write a params.yaml that is quick to train by, and the one member.

    Args:
        root: the project's folder.
        params: the params.yaml to start from, as the template or a project holds it.
        usual: what the task's tests change in it, section by section.
        sections: what this test does.
    """
    quick = {
        "competition": {"slug": "some-competition", "metric": "accuracy"},
        "trainer": {"max_epochs": 1, "accelerator": "cpu", "devices": 1, "logger": False},
    }
    write_params(root, params, quick, usual, sections)


def prepare_there(root: Path) -> Path:
    """Run `compete prepare` in a project's folder, and come back."""
    from compete.supervised.prepare import prepare

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        prepare()
    return root


def predict_again_as_on_kaggle() -> None:
    """Predict the test rows of the working folder by code of their own; it must be the same file.

    The folder is left as if it were Kaggle's: without what `prepare` made of the test rows.
    """
    from compete.files import PROCESSED, SUBMISSION
    from compete.supervised.hidden import predict_hidden

    for file in [*PROCESSED.rglob("test.*"), *PROCESSED.rglob("test-*")]:
        file.unlink()
    predict_hidden(Path("hidden.csv"))
    assert Path("hidden.csv").read_bytes() == SUBMISSION.read_bytes()


def run_pipeline() -> Any:
    """Prepare, train all folds, predict and validate in the working folder; return the scores."""
    from compete.contract import Contract
    from compete.files import SUBMISSION
    from compete.records import Scores
    from compete.supervised.predict import predict
    from compete.supervised.prepare import prepare
    from compete.supervised.train import train
    from compete.supervised.validate import validate

    prepare()
    train(None, None, [])
    predict()
    verdict = validate(SUBMISSION, Contract.load())
    assert not verdict.faults
    return Scores.load()
