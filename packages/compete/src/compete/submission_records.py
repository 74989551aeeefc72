"""What is recorded of submissions, and of the leaderboard that they are scored on."""

from dataclasses import dataclass
from typing import Any

from compete.files import LEADERBOARD
from compete.records import Record


@dataclass
class LedgerEntry:
    """One submission: a line of `submissions/ledger.jsonl`.

    Args:
        tag: ends the description that Kaggle keeps, so that the submission can be found there.
        state: `sending` (recorded; whether Kaggle has it is not known), `pending` (Kaggle has it,
            no score yet), `complete`, `error` (Kaggle could not score it) or `refused`.
        sha256: of the file; of a notebook that predicts, a fingerprint of it and its dataset.
        metric: of cross-validation.
        leaderboard_metric: Kaggle's name of the leaderboard's metric where that is another one.
        gap: public score minus cross-validation score, if both are by one metric.
        kernel: the notebook "owner/slug" that writes the file, None if the file itself was sent.
        kernel_version: the version of the notebook that was submitted.
        dataset_version: the version of the dataset that it was pushed with.
        manifest: the SHA-256 of that dataset's MANIFEST.json.
    """

    tag: str
    time: str
    slug: str
    file: str
    sha256: str
    message: str = ""
    commit: str | None = None
    dirty: bool = False
    params: dict[str, Any] | None = None
    metric: str | None = None
    cv: float | None = None
    leaderboard_metric: str | None = None
    state: str = "sending"
    ref: int | None = None
    public: float | None = None
    private: float | None = None
    rank: int | None = None
    teams: int | None = None
    gap: float | None = None
    error: str | None = None
    kernel: str | None = None
    kernel_version: int | None = None
    dataset_version: int | None = None
    manifest: str | None = None

    @property
    def kind(self) -> str:
        """What was sent, in a word."""
        return "notebook" if self.kernel else "file"

    @property
    def description(self) -> str:
        """The description of the submission on Kaggle."""
        return f"{self.message[:400]} [{self.tag}]".strip()

    @property
    def mismatch(self) -> str:
        """A sentence if cross-validation and leaderboard are by two metrics, else nothing."""
        if not self.leaderboard_metric or self.cv is None:
            return ""
        return (
            f"Cross-validation is by {self.metric}, the leaderboard by Kaggle's "
            f"{self.leaderboard_metric!r}: the two numbers can't be compared."
        )

    @property
    def is_agent(self) -> bool:
        """Whether Kaggle plays it, and rates it by episodes."""
        return self.file.endswith((".py", ".tar.gz"))

    @property
    def is_open(self) -> bool:
        """Whether its score is still to come."""
        return self.state in ("sending", "pending")


@dataclass(frozen=True)
class Leaderboard(Record):
    """The scores on the leaderboard when it was read, best first."""

    slug: str
    time: str
    private: bool
    scores: list[float]

    @property
    def maximize(self) -> bool | None:
        """Whether more is better, as the order of the scores tells; None if they are all equal."""
        ends = (self.scores[0], self.scores[-1]) if self.scores else (0, 0)
        return None if ends[0] == ends[1] else ends[0] > ends[1]

    @classmethod
    def load(cls) -> "Leaderboard | None":
        """Read the leaderboard that was kept with the last score, if there is one."""
        return cls.read(LEADERBOARD)
