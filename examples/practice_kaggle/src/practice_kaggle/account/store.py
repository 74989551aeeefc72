"""The account's state that outlives the server, in one SQLite file: datasets and notebooks."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..db import Database
from ..serialization import Json

_SCHEMA = """
create table if not exists dataset_versions (
    slug text, number integer, title text not null, notes text not null, created real not null,
    primary key (slug, number)
);
create table if not exists kernel_versions (
    slug text, number integer, title text not null, created real not null, request text not null,
    status text not null, failure text, primary key (slug, number)
);
"""


@dataclass(frozen=True)
class DatasetVersion:
    """A version of a dataset, whose files lie in a folder of its own. `created`: since 1970."""

    slug: str
    number: int
    title: str
    notes: str
    created: float


@dataclass(frozen=True)
class KernelVersion:
    """A version of a notebook: the request that saved it, and how its run stands."""

    slug: str
    number: int
    title: str
    created: float
    request: Json
    status: str
    failure: str | None


class Store(Database):
    """The account's database and folders.

    Args:
        folder: where they are kept.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "account")
        with self.transaction() as connection:
            connection.executescript(_SCHEMA)

    def dataset_folder(self, slug: str, number: int) -> Path:
        """Return where the files of a version lie."""
        return self.folder / "datasets" / slug / str(number)

    def kernel_folder(self, slug: str, number: int) -> Path:
        """Return where the log and the output of a version lie."""
        return self.folder / "kernels" / slug / str(number)

    def dataset_versions(
        self, slug: str | None = None, connection: sqlite3.Connection | None = None
    ) -> list[DatasetVersion]:
        """Return the versions of a dataset, or of all, the newest first."""
        if connection is None:
            with self.transaction() as own:
                return self.dataset_versions(slug, own)
        rows = connection.execute(
            "select * from dataset_versions where ?1 is null or slug = ?1 order by number desc",
            (slug,),
        )
        return [DatasetVersion(**row) for row in rows.fetchall()]

    def add_dataset_version(
        self, slug: str, title: str, notes: str, created: float, fill: Callable[[Path], None]
    ) -> DatasetVersion:
        """Record a version once `fill` has put its files into the folder it is given."""
        with self.transaction() as connection:
            known = self.dataset_versions(slug, connection)
            number = known[0].number + 1 if known else 1
            folder = self.dataset_folder(slug, number)
            folder.mkdir(parents=True, exist_ok=True)
            fill(folder)
            version = DatasetVersion(slug, number, title, notes, created)
            connection.execute(
                "insert into dataset_versions values (?, ?, ?, ?, ?)",
                (slug, number, title, notes, created),
            )
        return version

    def kernel_versions(
        self, slug: str | None = None, connection: sqlite3.Connection | None = None
    ) -> list[KernelVersion]:
        """Return the versions of a notebook, or of all, the newest first."""
        if connection is None:
            with self.transaction() as own:
                return self.kernel_versions(slug, own)
        rows = connection.execute(
            "select * from kernel_versions where ?1 is null or slug = ?1 order by number desc",
            (slug,),
        )
        found = [dict(row) for row in rows.fetchall()]
        return [KernelVersion(**{**row, "request": json.loads(row["request"])}) for row in found]

    def add_kernel_version(
        self, slug: str, title: str, created: float, request: Json
    ) -> KernelVersion:
        """Record a version that is to run."""
        with self.transaction() as connection:
            known = self.kernel_versions(slug, connection)
            number = known[0].number + 1 if known else 1
            connection.execute(
                "insert into kernel_versions values (?, ?, ?, ?, ?, 'QUEUED', null)",
                (slug, number, title, created, json.dumps(request)),
            )
        return KernelVersion(slug, number, title, created, request, "QUEUED", None)

    def set_status(self, version: KernelVersion, status: str, failure: str | None = None) -> None:
        """Record how the run of a version stands."""
        with self.transaction() as connection:
            connection.execute(
                "update kernel_versions set status = ?, failure = ? where slug = ? and number = ?",
                (status, failure, version.slug, version.number),
            )
