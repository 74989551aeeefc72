"""One practice competition: its folder, its rules, its submissions and its leaderboard.

`Competition` scores files of predictions; `simulation.competition` lets agents play, and
`generative.competition` judges images.
"""

import functools
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from .datafiles import sample_submission
from .db import Database, Rerun, Scores, Submission, Upload
from .errors import BadSubmission, Interrupted, PracticeError, Refusal
from .metric_names import Metric, find_metric
from .serialization import format_score
from .settings import Settings

if TYPE_CHECKING:
    from .generative.scorer import ImageScorer
    from .scoring import Scorer

Clock = Callable[[], datetime]
RERUN = "private/rerun"  # the hidden files of a code competition
TEAM = "You"  # the team of the account that uses the server


@dataclass(frozen=True)
class Place:
    """A row of the leaderboard; `score` is the one that it is sorted by."""

    team: str
    team_id: int
    when: datetime
    score: float
    submissions: int


class Competition:
    """The competition of a practice folder. Safe to use from several threads.

    Args:
        folder: the practice folder.
        settings: its competition.yaml.
        now: the clock.

    Raises:
        PracticeError: the folder is not complete.
    """

    _needed: tuple[str, ...] = ("data", "private/solution.csv")
    hides_data = True  # from notebooks, until they run again for a submission

    def __init__(self, folder: Path, settings: Settings, now: Clock) -> None:
        self.folder = folder
        self.settings = settings
        self._check_settings()
        served = (
            ("data/kaggle_evaluation", f"{RERUN}/test.csv") if settings.inference_server else ()
        )
        for needed in (*self._needed, *served):
            if not (folder / needed).exists():
                raise PracticeError(f"{folder} has no {needed}: see the README for its layout.")
        self.db = Database(folder / "state", self.settings.slug)
        self.cache = folder / "state" / "cache"
        self.now = now
        # Runs a notebook on the hidden data; returns the file of this name that it wrote.
        self.rerun: Callable[[Rerun, str], Path] | None = None
        self._scoring = threading.Lock()

    def _check_settings(self) -> None:
        _ = self.metric

    @functools.cached_property
    def metric(self) -> Metric:
        """What scores."""
        return find_metric(self.settings.metric)

    @functools.cached_property
    def scorer(self) -> "Scorer | ImageScorer":
        """The solution and the metric."""
        from .scoring import Scorer  # scikit-learn and polars: only when something is scored

        return Scorer(self.folder, self.settings, self.metric)

    @property
    def over(self) -> bool:
        """Whether the deadline has passed."""
        deadline = self.settings.deadline
        return deadline is not None and self.now() > deadline

    @property
    def private_is_shown(self) -> bool:
        """Whether competitors see private scores."""
        return self.over or self.settings.reveal_private

    # ------------------------------------------------------------------ submitting

    def check_entered(self, *, rules: bool = True) -> None:
        """Refuse a competitor who has not joined.

        Args:
            rules: refuse, too, who has not accepted the rules.

        Raises:
            Refusal: says what is missing.
        """
        if not self.settings.entered:
            raise Refusal(403, "Permission 'competitions.participate' was denied")
        if rules and not self.settings.rules_accepted:
            raise Refusal(
                403,
                "You must accept this competition's rules before you'll be able to download files.",
            )

    def check_size(self, size: int) -> None:
        """Refuse a submission that is too large.

        Args:
            size: bytes.

        Raises:
            Refusal: says what the limit is.
        """

    def submit(self, upload: Upload | None, description: str) -> Submission:
        """Record a submission, to be scored in the background or when the client lists it.

        Args:
            upload: the file; None: the client named one that is not known.
            description: the competitor's message.

        Raises:
            Refusal: the file is missing, the competition closed, or the daily limit reached.
        """
        if upload is None or not self.db.uploaded(upload.token).exists():
            raise Refusal(400, "Submission not allowed: the uploaded file could not be found")
        with self.db.transaction() as connection:
            self._check_open(self._seen(self.db.submissions(connection)))
            submission = self.db.add(connection, upload, self.now().timestamp(), description)
        self._start_scoring()
        return submission

    def submit_notebook(
        self, kernel: str, version: int, file_name: str, description: str
    ) -> Submission:
        """Record a submission whose file a notebook writes when it runs on the hidden data.

        Args:
            kernel: the slug of the notebook.
            version: its version.
            file_name: of the file that it writes.
            description: the competitor's message.

        Raises:
            Refusal: the competition is closed, or the daily limit reached.
        """
        upload = self.db.new_upload(file_name, 0)
        with self.db.transaction() as connection:
            self._check_open(self._seen(self.db.submissions(connection)))
            self.db.add_rerun(connection, upload, Rerun(kernel, version))
            submission = self.db.add(connection, upload, self.now().timestamp(), description)
        self._start_scoring()
        return submission

    def _check_open(self, earlier: list[Submission]) -> None:
        if self.over or self.settings.submissions_disabled:
            raise Refusal(
                400, "Submission not allowed: The competition is no longer accepting submissions"
            )
        limit = self.settings.max_daily_submissions
        if limit is not None and self.used_today(earlier) >= limit:
            hours = max(1, round(24 - (self.now() - self._midnight()) / timedelta(hours=1)))
            raise Refusal(
                400,
                "Submission not allowed: Your team has used its daily Submission allowance "
                f"({limit}) today, please try again tomorrow UTC ({hours} hours from now)",
            )

    def used_today(self, submissions: list[Submission]) -> int:
        """Count the submissions since midnight UTC, without those that ended in an error."""
        since = self._midnight().timestamp()
        return sum(s.created >= since and s.status != "ERROR" for s in submissions)

    def _midnight(self) -> datetime:
        return self.now().replace(hour=0, minute=0, second=0, microsecond=0)

    def submissions(self) -> list[Submission]:
        """Return all submissions, the newest first; PENDING until scored and old enough.

        With `scoring_seconds: 0` those that wait are scored before this returns.
        """
        found = self.db.submissions()
        if any(self._is_unfinished(s) for s in found):  # perhaps left behind by a killed server
            if self.settings.scoring_seconds == 0:
                self._score_pending()
                found = self.db.submissions()
            else:
                self._start_scoring()
        return self._seen(found)

    def _is_unfinished(self, submission: Submission) -> bool:
        return submission.status == "PENDING"

    def _seen(self, submissions: list[Submission]) -> list[Submission]:
        due = self.now().timestamp() - self.settings.scoring_seconds
        return [
            s
            if s.created <= due
            else replace(s, status="PENDING", public=None, private=None, error=None)
            for s in submissions
        ]

    def _start_scoring(self) -> None:
        """Score in the background: the first time, importing scikit-learn takes seconds."""
        if self.settings.scoring_seconds > 0 and not self._scoring.locked():
            threading.Thread(target=self._score_pending, daemon=True).start()

    def _score_pending(self) -> None:
        with self._scoring:
            for waiting in self.db.submissions():
                if self._is_unfinished(waiting):
                    self._score(waiting)

    def _score(self, submission: Submission) -> None:
        try:
            scores = self.scorer.score(self._file(submission))
        except Interrupted:
            return  # a later server begins again
        except BadSubmission as error:
            self.db.finish(submission.ref, Scores(None, None), str(error))
        except Exception as error:  # nobody should wait for ever, whatever happened
            self.db.finish(submission.ref, Scores(None, None), f"Evaluation Exception: {error}")
        else:
            self.db.finish(submission.ref, scores)

    def _file(self, submission: Submission) -> Path:
        """Return the file of a submission, which its notebook may have to write first."""
        path = self.db.uploaded(submission.token)
        rerun = self.db.rerun(submission.token)
        if rerun and self.rerun and not path.exists():
            shutil.copyfile(self.rerun(rerun, submission.file_name), path)
        return path

    def close(self) -> None:
        """Stop what goes on in the background; a later server goes on with it."""

    # ------------------------------------------------------------------ leaderboard

    def format_score(self, score: float | None) -> str:
        """Return a score as it is shown."""
        return format_score(score)

    def team_id(self, number: int) -> int:
        """Return Kaggle's number of a team: 1 is the competitor's, others are those of the folder.

        It is unique over all competitions of a server: ListTeamPublicSubmissions has no slug.
        """
        return self.db.first_ref // 10_000 * 2_000 + number

    def active(self) -> list[Submission]:
        """Return the competitor's submissions that the leaderboard is made of: the best one."""
        sign = -1 if self.metric.greater_is_better else 1
        done = [s for s in self.submissions() if s.status == "COMPLETE" and s.public is not None]
        return sorted(done, key=lambda s: (sign * (s.public or 0), s.created))[:1]

    def leaderboard(self, *, private: bool) -> list[Place]:
        """Return the best score of every team, the best team first; the earlier wins a tie."""
        sign = -1 if self.metric.greater_is_better else 1
        places = self._baselines(private=private)
        done = [s for s in self.submissions() if s.status == "COMPLETE"]
        mine = [(s.private if private else s.public, s.created) for s in done]
        scored = [(score, created) for score, created in mine if score is not None]
        if scored:
            score, created = min(scored, key=lambda pair: (sign * pair[0], pair[1]))
            places.append(
                Place(TEAM, self.team_id(1), datetime.fromtimestamp(created, UTC), score, len(done))
            )
        return sorted(places, key=lambda place: (sign * place.score, place.when))

    def _baselines(self, *, private: bool) -> list[Place]:
        places = []
        files = sorted(self._baseline_files().items())
        for number, (team, path) in enumerate(files, start=1001):
            scores = self._baseline_scores(team, path)
            score = scores.private if private else scores.public
            if score is not None:
                when = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                places.append(Place(team, self.team_id(number), when, score, 1))
        return places

    def _baseline_files(self) -> dict[str, Path]:
        """Return the submissions that are teams on the leaderboard, by the names of the teams."""
        found = (self.folder / "private/baselines").glob("*.csv")
        files = {path.stem.replace("-", " ").capitalize(): path for path in found}
        if sample := sample_submission(self.folder):
            files.setdefault("Sample submission", sample)
        return files

    def _baseline_scores(self, team: str, path: Path) -> Scores:
        stat = path.stat()
        fingerprint = f"{stat.st_size} {stat.st_mtime_ns} {self.settings.metric}"
        if known := self.db.baseline(team, fingerprint):
            return known
        try:
            scores = self.scorer.score(path)
        except BadSubmission:  # an empty sample submission, say: that team has no score
            scores = Scores(None, None)
        self.db.keep_baseline(team, fingerprint, scores)
        return scores
