"""Fixtures: a project, a practice competition, and a server that joins them."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import practice_kaggle
import pytest
from fork_server import Launcher, make_launcher

from compete.contract import Contract

from .harness import ROWS, SLUG, Project, Serve, Worker, settings, write_practice

# Of Kaggle's client only its SDK: the client itself signs in when it is imported.
SLOW_IMPORTS = (
    "bleach",
    "dateutil",
    "jsonargparse",
    "kagglesdk",
    "polars",
    "requests",
    "rich.progress",
    "rich.table",
    "tqdm",
    "typer",
    "yaml",
)

VARIANTS: dict[str, dict[str, Any]] = {
    SLUG: {},
    "no-rules": {"rules_accepted": False},
    "not-joined": {"entered": False},
    "notebooks": {"kernels_only": True},
    "spent": {"max_daily_submissions": 0},
    "closed": {"submissions_disabled": True},
    "over": {"deadline": "2020-01-01T00:00:00Z"},
}


@pytest.fixture(scope="session")
def launcher() -> Iterator[Launcher]:
    """What runs the tests' commands."""
    made = make_launcher(SLOW_IMPORTS, dict(os.environ))
    yield made
    made.close()


@pytest.fixture
def project(tmp_path: Path, launcher: Launcher, authors: Callable[[str], Path]) -> Project:
    """A project whose contract is known, without data."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "params.yaml").write_text(f"competition:\n  slug: {SLUG}\n", encoding="utf-8")
    Contract(
        slug=SLUG,
        title="Odd or even",
        problem="classification",
        metric="accuracy",
        id_column="Id",
        target_columns=["Odd"],
        classes=[0, 1],
        submission_columns=["Id", "Odd"],
        prediction="label",
        rows=ROWS,
        sample_submission="sample.csv",
        deadline="2031-01-01T00:00:00+00:00",
        max_daily_submissions=5,
    ).save(folder / "contract.yaml")
    sample = ["Id,Odd", *(f"{i},0" for i in range(1, ROWS + 1))]
    (folder / "sample.csv").write_text("\n".join(sample) + "\n", encoding="utf-8")
    return Project(folder, launcher, author=authors("tabular"))


@pytest.fixture
def practice(tmp_path: Path) -> Path:
    """A practice competition: is a number odd?"""
    return write_practice(tmp_path / "practice")


@pytest.fixture
def serving(practice: Path, project: Project) -> Serve:
    """`with serving(fail=..., max_daily_submissions=0) as server:` joins project and server."""

    @contextmanager
    def serve(
        fail: list[str] | None = None, options: dict[str, Any] | None = None, **changes: Any
    ) -> Iterator[practice_kaggle.Server]:
        settings(practice, **changes)
        with practice_kaggle.serve(practice, fail=fail or [], **(options or {})) as server:
            project.env = server.env
            yield server

    return serve


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[practice_kaggle.Server]:
    """One server with a competition for each way to be refused."""
    folder = tmp_path_factory.mktemp("site")
    for slug, changes in VARIANTS.items():
        write_practice(folder / slug)
        settings(folder / slug, slug=slug, **changes)
    with practice_kaggle.serve(folder) as server:
        yield server


@pytest.fixture(scope="module")
def worker(
    site: practice_kaggle.Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Worker]:
    folder = tmp_path_factory.mktemp("worker")
    project = Project(folder, env=site.env, seconds=1.5)
    project.write_submission()
    worker = Worker(project, folder / "stderr.txt")
    yield worker
    worker.close()
