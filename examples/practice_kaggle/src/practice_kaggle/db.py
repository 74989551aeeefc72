"""The state that outlives the server: submissions and uploads, in one SQLite file each competition.

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
create table if not exists reruns (token text primary key, kernel text, version integer);
create table if not exists baselines (
    team text primary key, fingerprint text not null, public real, private real
);
"""


@dataclass(frozen=True)
class Upload:
    """A file announced by the client; its bytes are in `state/uploads/<token>` once complete."""

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


class Rerun(NamedTuple):
    """A version of a notebook that runs on hidden data."""

    kernel: str
    version: int


class Scores(NamedTuple):
    """Scores on the public and the private rows; None where there are no such rows."""

    public: float | None
    private: float | None


class Database:
    """The state of one competition.

    Args:
        folder: where the state is kept.
        slug: of the competition; decides the numbers of its submissions.
    """

    def __init__(self, folder: Path, slug: str) -> None:
        self.folder = folder
        self.uploads = folder / "uploads"
        self.uploads.mkdir(parents=True, exist_ok=True)
        self._path = folder / "state.sqlite3"
        # References are unique over all competitions of a server: GetSubmission has no slug.
        self.first_ref = 40_000_000 + zlib.crc32(slug.encode()) % 9_000 * 10_000
        with self.transaction() as connection:
            connection.executescript(_SCHEMA)
            connection.execute(
                "insert into sqlite_sequence (name, seq) select 'submissions', ? "
                "where not exists (select 1 from sqlite_sequence where name = 'submissions')",
                (self.first_ref,),
            )

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection that holds the write lock; commit at the end, undo on an error."""
        connection = sqlite3.connect(self._path, timeout=30, isolation_level=None)
        connection.row_factory = sqlite3.Row
        try:
            connection.execute("begin immediate")
            yield connection
            if connection.in_transaction:
                connection.execute("commit")
        finally:
            connection.close()

    def new_upload(self, file_name: str, length: int) -> Upload:
        """Record an upload that is about to begin, and give it a token.

        Args:
            file_name: as the client calls it.
            length: bytes of the whole file.
        """
        upload = Upload(uuid.uuid4().hex, file_name, length)
        with self.transaction() as connection:
            connection.execute(
                "insert into uploads (token, file_name, length) values (?, ?, ?)",
                (upload.token, upload.file_name, upload.length),
            )
        return upload

    def upload(self, token: str) -> Upload | None:
        """Return the upload with this token, None if there is none."""
        with self.transaction() as connection:
            row = connection.execute(
                "select token, file_name, length from uploads where token = ?", (token,)
            ).fetchone()
        return Upload(**row) if row else None

    def uploaded(self, token: str) -> Path:
        """Return the path of an upload's bytes, which may not be there yet."""
        return self.uploads / token

    def add(
        self, connection: sqlite3.Connection, upload: Upload, created: float, description: str
    ) -> Submission:
        """Record a submission.

        Args:
            connection: the caller's transaction, which also checked the limits.
            upload: the file.
            created: seconds since 1970.
            description: the competitor's message.
        """
        row = connection.execute(
            "insert into submissions (created, description, file_name, bytes, token, status) "
            "values (?, ?, ?, ?, ?, 'PENDING') returning *",
            (created, description, upload.file_name, upload.length, upload.token),
        ).fetchone()
        connection.execute("update uploads set used = 1 where token = ?", (upload.token,))
        return Submission(**row)

    def add_rerun(self, connection: sqlite3.Connection, upload: Upload, rerun: Rerun) -> None:
        """Record which notebook writes the file of an upload."""
        connection.execute("insert into reruns values (?, ?, ?)", (upload.token, *rerun))

    def rerun(self, token: str) -> Rerun | None:
        """Return which notebook writes the file of an upload; None: the competitor sent it."""
        with self.transaction() as connection:
            row = connection.execute(
                "select kernel, version from reruns where token = ?", (token,)
            ).fetchone()
        return Rerun(row["kernel"], row["version"]) if row else None

    def submissions(self, connection: sqlite3.Connection | None = None) -> list[Submission]:
        """Return all submissions, the newest first.

        Args:
            connection: the caller's transaction; None: one of its own.
        """
        if connection is None:
            with self.transaction() as own:
                return self.submissions(own)
        rows = connection.execute("select * from submissions order by ref desc").fetchall()
        return [Submission(**row) for row in rows]

    def finish(self, ref: int, scores: Scores, error: str | None = None) -> None:
        """Record how the scoring of a submission ended.

        Args:
            ref: its number.
            scores: both None after an error.
            error: why it could not be scored.
        """
        status = "ERROR" if error else "COMPLETE"
        with self.transaction() as connection:
            connection.execute(
                "update submissions set status = ?, public = ?, private = ?, error = ? "
                "where ref = ?",
                (status, *scores, error, ref),
            )

    def baseline(self, team: str, fingerprint: str) -> Scores | None:
        """Return the kept scores of a baseline, None if its file has changed since."""
        with self.transaction() as connection:
            row = connection.execute(
                "select public, private from baselines where team = ? and fingerprint = ?",
                (team, fingerprint),
            ).fetchone()
        return Scores(row["public"], row["private"]) if row else None

    def keep_baseline(self, team: str, fingerprint: str, scores: Scores) -> None:
        """Keep the scores of a baseline.

        Args:
            team: its name on the leaderboard.
            fingerprint: of its file.
            scores: what it reached.
        """
        with self.transaction() as connection:
            connection.execute(
                "insert or replace into baselines values (?, ?, ?, ?)",
                (team, fingerprint, *scores),
            )
