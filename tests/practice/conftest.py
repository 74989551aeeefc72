"""Small practice competitions of scikit-learn's real tables, and the official client."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import practice_kaggle
import pytest
import yaml
from practice_kaggle.environment import overlaid
from sklearn.datasets import load_wine

Api = Any  # the official client has no types
MakePractice = Callable[..., Path]
Connect = Callable[[practice_kaggle.Server], Api]


@pytest.fixture
def make_practice(tmp_path: Path) -> MakePractice:
    """Return a function that writes a practice folder: by default, the sorts of 178 real wines."""

    def make(
        slug: str = "wines",
        *,
        solution: pl.DataFrame | None = None,
        sample: pl.DataFrame | None = None,
        **settings: Any,
    ) -> Path:
        folder = tmp_path / slug
        (folder / "data" / "notes").mkdir(parents=True)
        (folder / "private").mkdir()
        wine = load_wine()
        table = pl.DataFrame(wine.data, schema=wine.feature_names)
        table.write_csv(folder / "data" / "test.csv")
        (folder / "data" / "notes" / "origin.txt").write_text("Piedmont\n", encoding="utf-8")
        if solution is None:
            solution = _make_solution("id", sort=wine.target)
        if sample is None:
            sample = solution.drop("Usage").with_columns(pl.exclude("id") * 0)
        solution.write_csv(folder / "private" / "solution.csv")
        sample.write_csv(folder / "data" / "sample_submission.csv")
        base: dict[str, Any] = {
            "slug": slug,
            "metric": "Categorization Accuracy",
            "id_column": "id",
        }
        base |= {"scoring_seconds": 0, **settings}
        text = yaml.safe_dump(base)
        (folder / "competition.yaml").write_text(text, encoding="utf-8")
        return folder

    return make


@pytest.fixture
def make_solution() -> Callable[..., pl.DataFrame]:
    """Return a function that makes a solution: rows numbered from 0, every third one public."""
    return _make_solution


def _make_solution(key: str, **columns: Any) -> pl.DataFrame:
    frame = pl.DataFrame(columns).with_row_index(key)
    usage = pl.when(pl.col(key) % 3 == 0).then(pl.lit("Public")).otherwise(pl.lit("Private"))
    return frame.with_columns(Usage=usage)


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Connect:
    """Return a function that signs the official client in at a practice server."""

    def sign_in(server: practice_kaggle.Server, **variables: str) -> Api:
        environment = overlaid(os.environ, {**server.env, **variables})
        for name in set(os.environ) - set(environment):
            monkeypatch.delenv(name)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        from kaggle.api.kaggle_api_extended import KaggleApi

        # What the client derives from KAGGLE_API_ENVIRONMENT, once, when it is imported.
        monkeypatch.setattr(KaggleApi, "args", ["--local"])
        api = KaggleApi()
        api.authenticate()
        return api

    return sign_in


@pytest.fixture
def playing(make_practice: MakePractice, connect: Connect) -> Callable[..., Any]:
    """Return a context manager: a practice competition, its server and a client signed in."""

    @contextmanager
    def play(
        *, fail: Any = (), now: Any = None, error_shape: str = "today", **settings: Any
    ) -> Iterator[tuple[practice_kaggle.Server, Api, Path]]:
        folder = make_practice(**settings)
        with practice_kaggle.serve(folder, fail=fail, now=now, error_shape=error_shape) as server:
            yield server, connect(server), folder

    return play


@pytest.fixture
def perfect(tmp_path: Path) -> Callable[[Path], Path]:
    """Return a function that writes a submission whose predictions are all correct."""

    def write(folder: Path) -> Path:
        path = tmp_path / "submission.csv"
        pl.read_csv(folder / "private" / "solution.csv").drop("Usage").write_csv(path)
        return path

    return write
