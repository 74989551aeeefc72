"""What must outlive the server: submissions and uploads, in one SQLite file per competition.

SQLite because a killed server must leave either the old state or the new one, and because two
servers may serve the same folder at once.
"""

import sqlite3
import uuid
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

_SCHEMA = """
create table if not exists uploads (
    token text primary key, file_name text not null, length integer not null, used integer default 0
);
create table if not exists submissions (
    ref integer primary key autoincrement, created real not null, description text not null,
    file_name text not null, bytes integer not null, token text not null,
    status text not null, public real, private real, error text
);
create table if not exists baselines (
    team text primary key, fingerprint text not null, public real, private real
);
"""


@dataclass(frozen=True)
class Upload:
    """A file announced by the client; its bytes lie in `state/uploads/<token>` once complete."""

    token: str
    file_name: str
    length: int


@dataclass(frozen=True)
class Submission:
    """A recorded submission. Times are seconds since 1970; scores are None until COMPLETE."""

    ref: int
    created: float
    description: str
    file_name: str
    bytes: int
    token: str
    status: str
    public: float | None
    private: float | None
    error: str | None


class Scores(NamedTuple):
    """Scores on the Public and the Private rows; None where there are no such rows."""

    public: float | None
    private: float | None


class Store:
    """The state of one competition, in `folder`."""

    def __init__(self, folder: Path, slug: str) -> None:
        self.folder = folder
        self.uploads = folder / "uploads"
        self.uploads.mkdir(parents=True, exist_ok=True)
        self._path = folder / "state.sqlite3"
        # References are unique over all competitions of a server: GetSubmission has no slug.
        self.first_ref = 40_000_000 + zlib.crc32(slug.encode()) % 9_000 * 10_000
        with self.transaction() as db:
            db.executescript(_SCHEMA)
            db.execute(
                "insert into sqlite_sequence (name, seq) select 'submissions', ? "
                "where not exists (select 1 from sqlite_sequence where name = 'submissions')",
                (self.first_ref,),
            )

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A connection that holds the write lock; commits at the end, undoes on an error."""
        db = sqlite3.connect(self._path, timeout=30, isolation_level=None)
        db.row_factory = sqlite3.Row
        try:
            db.execute("begin immediate")
            yield db
            if db.in_transaction:
                db.execute("commit")
        finally:
            db.close()

    def new_upload(self, file_name: str, length: int) -> Upload:
        upload = Upload(uuid.uuid4().hex, file_name, length)
        with self.transaction() as db:
            db.execute(
                "insert into uploads (token, file_name, length) values (?, ?, ?)",
                (upload.token, upload.file_name, upload.length),
            )
        return upload

    def upload(self, token: str) -> Upload | None:
        with self.transaction() as db:
            row = db.execute(
                "select token, file_name, length from uploads where token = ?", (token,)
            ).fetchone()
        return Upload(**row) if row else None

    def uploaded(self, token: str) -> Path:
        """Where the bytes of an upload lie (they may not be there yet)."""
        return self.uploads / token

    def add(
        self, db: sqlite3.Connection, upload: Upload, created: float, description: str
    ) -> Submission:
        """Records a submission inside the caller's transaction, so that limits hold."""
        row = db.execute(
            "insert into submissions (created, description, file_name, bytes, token, status) "
            "values (?, ?, ?, ?, ?, 'PENDING') returning *",
            (created, description, upload.file_name, upload.length, upload.token),
        ).fetchone()
        db.execute("update uploads set used = 1 where token = ?", (upload.token,))
        return Submission(**row)

    def submissions(self, db: sqlite3.Connection | None = None) -> list[Submission]:
        """All submissions, the newest first."""
        if db is None:
            with self.transaction() as own:
                return self.submissions(own)
        rows = db.execute("select * from submissions order by ref desc").fetchall()
        return [Submission(**row) for row in rows]

    def finish(self, ref: int, scores: Scores, error: str | None = None) -> None:
        status = "ERROR" if error else "COMPLETE"
        with self.transaction() as db:
            db.execute(
                "update submissions set status = ?, public = ?, private = ?, error = ? "
                "where ref = ?",
                (status, *scores, error, ref),
            )

    def baseline(self, team: str, fingerprint: str) -> Scores | None:
        """The kept scores of a baseline, unless its file has changed since."""
        with self.transaction() as db:
            row = db.execute(
                "select public, private from baselines where team = ? and fingerprint = ?",
                (team, fingerprint),
            ).fetchone()
        return Scores(row["public"], row["private"]) if row else None

    def keep_baseline(self, team: str, fingerprint: str, scores: Scores) -> None:
        with self.transaction() as db:
            db.execute(
                "insert or replace into baselines values (?, ?, ?, ?)",
                (team, fingerprint, *scores),
            )
