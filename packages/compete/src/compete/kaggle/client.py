"""The only module that imports `kaggle`: Kaggle's API in small types of our own.

Importing `kaggle` authenticates and prints, so it happens inside functions, with stdout silenced.
"""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache, partial
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from compete.errors import Fault
from compete.kaggle import credentials
from compete.kaggle.http_errors import SITE, Unreachable, no_credentials, refused
from compete.kaggle.retry import bound_every_request, patiently
from compete.records import CompetitionRecord

T = TypeVar("T")
PAGE = 200  # rows in one answer of a list
RANKED = 10_000  # of the leaderboard, the best, that ranks are found among


@dataclass(frozen=True)
class DataFile:
    """One file of the competition's data; `bytes` unpacked, `created` in ISO 8601."""

    name: str
    bytes: int
    created: str | None = None


@dataclass(frozen=True)
class CompetitionStatus(CompetitionRecord):
    """What Kaggle says of a competition; `entered` and `closed` are about us, now."""

    teams: int = 0
    entered: bool = True
    closed: bool = False

    def record(self, files: list[DataFile]) -> CompetitionRecord:
        """Return the part that is the same for everybody, with the files of the data."""
        named = [{"name": file.name, "bytes": file.bytes} for file in files]
        return CompetitionRecord.from_dict(asdict(self) | {"files": named})

    def over(self) -> bool:
        """Return whether the deadline has passed."""
        return bool(self.deadline) and datetime.fromisoformat(str(self.deadline)) < datetime.now(
            UTC
        )


@dataclass(frozen=True)
class Limits:
    """Submissions made today, and how many more Kaggle takes now."""

    today: int
    left: int


@dataclass(frozen=True)
class RemoteSubmission:
    """A submission as Kaggle lists it; `status` is pending, complete or error."""

    ref: int
    description: str
    status: str
    public: float | None
    private: float | None
    error: str


def competition(slug: str) -> CompetitionStatus:
    """Return Kaggle's record of a competition. Raise `Fault`."""
    found = call(slug, lambda api: ask(api, "get_competition", competition_name=slug))
    return CompetitionStatus(
        slug=slug,
        title=found.title or slug,
        url=found.url or f"{SITE}/competitions/{slug}",
        metric=found.evaluation_metric or "",
        deadline=iso(found.deadline),
        max_daily_submissions=found.max_daily_submissions or None,
        kernels_only=found.is_kernels_submissions_only,
        teams=found.team_count,
        entered=found.user_has_entered,
        closed=found.submissions_disabled,
    )


def files(slug: str, at_most: int = 1000) -> list[DataFile]:
    """Return the competition's files by name, the first `at_most` of them. Raise `Fault`."""
    found = islice(_pages(slug, "list_data_files", "files"), at_most)
    named = [DataFile(f.name, f.total_bytes, iso(f.creation_date)) for f in found]
    return sorted(named, key=lambda file: file.name)


def evaluation_page(slug: str) -> str:
    """Return Kaggle's page on how submissions are scored, "" where Kaggle shows none.

    Raises:
        Unreachable: there is no way to Kaggle.
    """
    try:
        found = call(slug, lambda api: ask(api, "list_competition_pages", competition_name=slug))
    except Unreachable:
        raise
    except Fault:  # the data is to be had without it
        return ""
    pages = [page for page in found.pages if (page.name or "").lower() == "evaluation"]
    return pages[0].content or "" if pages else ""


def leaderboard(slug: str) -> list[float]:
    """Return the first 10,000 scores on the leaderboard, best first. Raise `Fault`."""
    rows = islice(_pages(slug, "get_leaderboard", "submissions"), RANKED)
    return [found for row in rows if (found := score(row.score)) is not None]


def limits(slug: str) -> Limits:
    """Return how many submissions are left today. Raise `Fault`."""
    found = call(slug, lambda api: ask(api, "get_submission_limits", competition_name=slug))
    return Limits(found.num_today, found.num_allowed_now)


def submissions(slug: str) -> list[RemoteSubmission]:
    """Return the latest submissions of this account's team, newest first. Raise `Fault`."""
    found = call(slug, lambda api: api.competition_submissions(slug, page_size=PAGE)) or []
    return [
        RemoteSubmission(
            ref=s.ref,
            description=s.description or "",
            status=s.status.name.lower(),
            public=score(s.public_score),
            private=score(s.private_score),
            error=(s.error_description or "").strip(),
        )
        for s in found
    ]


def download(slug: str, target: Path, room: Callable[[int], None], progress: bool) -> None:
    """Download the archive of all files to `target`, resuming a partial download.

    `room` is called with the bytes still to come and may raise. The client keeps what it needs
    to resume in `<target>.kaggle-partial`.
    """

    def request(api: Any) -> None:
        with ask(api, "download_data_files", competition_name=slug) as answer:
            if not api.download_needed(answer, str(target)):
                return
            there = target.stat().st_size if target.exists() else 0
            room(max(0, int(answer.headers.get("Content-Length", 0)) - there))
            api.download_file(
                answer,
                str(target),
                api.build_kaggle_client().http_client(),
                quiet=not progress,
                resume=True,
                chunk_size=2**16,  # what an interruption loses at most
                max_retries=0,  # ours ask for a fresh link: links expire
            )

    call(slug, request)


def submit_file(slug: str, file: Path, description: str) -> int:
    """Upload a file and submit it; return Kaggle's number for it.

    Raises `Fault` if it was certainly not entered, `Unreachable` if nobody knows.
    """
    answer = call(
        slug,
        lambda api: api.competition_submit(str(file), description, slug, quiet=True),
        once=True,
    )
    if answer.ref and answer.ref > 0:
        return int(answer.ref)
    if "could not submit" in (answer.message or "").lower():
        raise Fault(
            "The upload of the file failed; nothing was submitted.",
            "Run the same command again in a minute.",
        )
    raise Unreachable(
        f"Kaggle returned no number for the submission. It says: {answer.message!r}",
        "Run the same command again: it looks for the submission before it sends another.",
    )


def call(slug: str, request: Callable[[Any], T], once: bool = False) -> T:
    """Return what `request(api)` returns; see `retry.patiently` for errors and `once`."""

    def silently() -> T:
        api = _api()
        with redirect_stdout(io.StringIO()):  # the client talks on stdout
            return request(api)

    return patiently(slug, silently, once)


def ask(api: Any, method: str, service: str = "competitions.competition", **fields: Any) -> Any:
    """Call a method of Kaggle's API; service, method and fields are named as in the SDK."""
    area, _, name = service.partition(".")
    types = import_module(f"kagglesdk.{area}.types.{name}_api_service")
    question = getattr(types, f"Api{method.title().replace('_', '')}Request")()
    for field, value in fields.items():
        setattr(question, field, value)
    with api.build_kaggle_client() as kaggle:
        return getattr(getattr(getattr(kaggle, area), f"{name}_api_client"), method)(question)


def user() -> str:
    """Return the name of the account that is signed in. Raise `Fault`."""
    return str(call("", lambda api: api.config_values[api.CONFIG_NAME_USER]))


def _pages(slug: str, method: str, key: str) -> Iterator[Any]:
    """Yield the rows of a list, page after page."""
    token = ""
    while True:
        fields: dict[str, Any] = {"competition_name": slug, "page_size": PAGE, "page_token": token}
        page = call(slug, partial(ask, method=method, **fields))
        yield from getattr(page, key)
        token = page.next_page_token
        if not token:
            return


@cache
def _api() -> Any:
    """Return the client, signed in. Raise `Fault`, or what the network raised."""
    if not credentials.found():
        raise no_credentials()
    bound_every_request()
    for name in ("VERBOSE", "VERBOSE_OUTPUT"):  # the client would print the credentials
        os.environ.pop(name, None)
    with redirect_stdout(io.StringIO()):
        import kaggle

        api = vars(kaggle)["api"]  # made by the import; its types do not say so
        if not getattr(api, "_authenticated", False):
            try:  # the import has swallowed the reason
                api.authenticate()
            except SystemExit:
                raise refused(401, "", "") from None
    return api


def iso(moment: datetime | None) -> str | None:
    """Return a time of the client's in ISO 8601: they carry no zone and mean UTC."""
    return moment.replace(tzinfo=UTC).isoformat(timespec="seconds") if moment else None


def score(text: str | None) -> float | None:
    """Return a score that the client gives as text, None where it is hidden or missing."""
    try:
        return float(text) if text else None
    except ValueError:
        return None
