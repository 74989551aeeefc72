"""Fixtures that the engine's own tests share: they need nothing but the engine."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from samples import make_contract

from compete import project
from compete.contract import Contract

# Before torch is imported: the models of these tests are so small that threads only wait.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def contract() -> Callable[..., Contract]:
    """Make a contract of two classes scored by accuracy; keywords change its values."""
    return make_contract


@pytest.fixture
def author(tmp_path: Path) -> Iterator[None]:
    """Install an author's package that has nothing of its own."""
    (tmp_path / "author_of_nothing").mkdir()
    (tmp_path / "author_of_nothing/__init__.py").touch()
    metadata = tmp_path / "author_of_nothing-0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: author_of_nothing\nVersion: 0\n"
    )
    (metadata / "entry_points.txt").write_text("[compete]\nproject = author_of_nothing\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(tmp_path))
        project.package.cache_clear()
        yield
    project.package.cache_clear()
