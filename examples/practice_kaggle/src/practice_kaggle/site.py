"""The whole site: every competition that is served, and who may use it."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from .account import Account
from .account.account import HostOptions
from .competition import Clock, Competition
from .db import Database
from .errors import PracticeError, Refusal
from .failure_injection import Failures
from .generative.competition import Images
from .settings import FILE_NAME, read_settings
from .simulation.competition import Simulation

# The one practice account. These are not secrets: they are good for this server only.
USER = "practice"
KEY = "practice-key"
TOKEN = "practice-token"
ACCOUNT = "_account"  # where uploads name a competition; no slug begins so


class Site:
    """All competitions by slug.

    Args:
        folders: practice folders, or folders of them.
        now: what the clock shows at the start, to practise deadlines and daily limits.
        error_shape: of error responses: `today` or `older`.
        unknown_status: the status for an unknown slug: 403 or 404.
        host: how datasets are stored and notebooks run.
        failures: those to inject.

    Raises:
        PracticeError: a folder is wrong, or two have the same slug.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        *,
        now: datetime | None = None,
        error_shape: str = "today",
        unknown_status: int = 403,
        host: HostOptions | None = None,
        failures: Failures | None = None,
    ) -> None:
        self.error_shape = error_shape
        self.unknown_status = unknown_status
        self._ahead = now - datetime.now(UTC) if now else timedelta(0)
        self.competitions: dict[str, Competition] = {}
        for folder in _practice_folders(folders):
            competition = open_competition(folder, self.now)
            slug = competition.settings.slug
            if slug in self.competitions:
                raise PracticeError(f"Two practice folders are called {slug}. Serve only one.")
            self.competitions[slug] = competition
        first = next(iter(self.competitions.values()))
        self.account = Account(
            first.folder / "state" / "account",
            self.competitions,
            host or HostOptions(),
            failures or Failures(),
        )
        for competition in self.competitions.values():
            competition.rerun = partial(self.account.kernels.rerun, competition=competition)

    def now(self) -> datetime:
        """Return what the site's clock shows."""
        return datetime.now(UTC) + self._ahead

    def close(self) -> None:
        """Stop what goes on in the background."""
        self.account.close()
        for competition in self.competitions.values():
            competition.close()

    def database(self, name: str) -> Database:
        """Return where the uploads to a competition, or of the account, are kept."""
        return self.account.store if name == ACCOUNT else self.find(name).db

    def find(self, slug: object) -> Competition:
        """Return the competition `slug`. Raise `Refusal`, in Kaggle's words, for an unknown one."""
        if competition := self.competitions.get(str(slug or "")):
            return competition
        if self.unknown_status == 404:
            raise Refusal(404, "Not found")
        raise Refusal(403, "Permission 'competitions.get' was denied")

    def is_authentic(self, authorization: str) -> bool:
        """Return whether an Authorization header is that of the practice account."""
        scheme, _, credentials = authorization.partition(" ")
        if scheme.lower() == "bearer":
            return credentials == TOKEN
        basic = base64.b64encode(f"{USER}:{KEY}".encode()).decode()
        return scheme.lower() == "basic" and credentials == basic


def open_competition(folder: Path, now: Clock) -> Competition:
    """Return the competition of a practice folder.

    Args:
        folder: the practice folder.
        now: the clock.

    Raises:
        PracticeError: the folder is wrong.
    """
    settings = read_settings(folder)
    if settings.environment:
        return Simulation(folder, settings, now)
    return (Images if settings.images_max else Competition)(folder, settings, now)


def _practice_folders(folders: Sequence[Path]) -> list[Path]:
    """Return the folders that hold a competition.yaml, themselves or one level below."""
    found = []
    for folder in folders:
        inside = [folder] if (folder / FILE_NAME).exists() else []
        inside = inside or sorted(path.parent for path in folder.glob(f"*/{FILE_NAME}"))
        if not inside:
            raise PracticeError(
                f"{folder} holds no practice competition (no {FILE_NAME}). Make one: "
                f"`practice-kaggle make digits {folder}`."
            )
        found += inside
    return [path.resolve() for path in found]
