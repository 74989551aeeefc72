"""A simulation: submitted agents play a validation episode, and are then rated by more episodes."""

import importlib.util
import random
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from ..competition import TEAM, Clock, Competition, Place
from ..db import Scores, Submission
from ..errors import BadSubmission, PracticeError, Refusal
from ..settings import FILE_NAME, Settings
from .archive import MAIN, unpack
from .episodes import Episodes
from .player import INSTALL, EpisodePlayer, Outcome
from .rating import Rating, draw_players

VALIDATION, PUBLIC = "EPISODE_TYPE_VALIDATION", "EPISODE_TYPE_PUBLIC"
FAILED = {"ERROR", "INVALID", "TIMEOUT"}  # statuses of agents
_LADDER = 9_000  # the agents of the ladder are numbered from here, where no submission gets


class Simulation(Competition):
    """The simulation of a practice folder.

    Args:
        folder: the practice folder.
        settings: its competition.yaml.
        now: the clock.

    Raises:
        PracticeError: the folder is not complete.
    """

    _needed = ("data",)
    hides_data = False

    def __init__(self, folder: Path, settings: Settings, now: Clock) -> None:
        super().__init__(folder, settings, now)
        self.episodes = Episodes(self.db)
        self._player = EpisodePlayer()
        self._closed = False

    def _check_settings(self) -> None:
        if importlib.util.find_spec("kaggle_environments") is None:
            raise PracticeError(f"Simulations need kaggle-environments. {INSTALL}")
        if self.settings.players < 1:
            raise PracticeError(f"{self.folder / FILE_NAME}: players must be at least 1.")

    def close(self) -> None:
        """Kill the agents that play; a later server goes on with the episodes."""
        self._closed = True
        self._player.close()
        if self._scoring.acquire(timeout=5):  # its temporary files are removed by now
            self._scoring.release()

    # ------------------------------------------------------------------ who plays

    def is_ladder(self, player: int) -> bool:
        """Return whether a number is that of an agent of the ladder."""
        return player in self._ladder

    def team(self, player: int) -> str:
        """Return the name of a player's team."""
        return self._ladder[player].capitalize() if player in self._ladder else TEAM

    def team_of(self, player: int) -> int:
        """Return the number of a player's team."""
        place = player - self.db.first_ref - _LADDER
        return self.team_id(1001 + place if player in self._ladder else 1)

    @property
    def _ladder(self) -> dict[int, str]:
        first = self.db.first_ref + _LADDER
        return {first + place: name for place, name in enumerate(self.settings.ladder)}

    # ------------------------------------------------------------------ submitting

    def check_size(self, size: int) -> None:
        """Refuse a submission over the limit."""
        if size > self.settings.max_submission_mb * 2**20:
            raise Refusal(
                400,
                "Submission not allowed: Your file exceeds the Simulations Competition maximum "
                f"size of {self.settings.max_submission_mb:g} Mb.",
            )

    def _is_unfinished(self, submission: Submission) -> bool:
        if submission.status == "COMPLETE":
            return self.episodes.played(submission.ref) < self.settings.episodes
        return submission.status == "PENDING"

    def submissions(self) -> list[Submission]:
        """Return all submissions, the newest first, with their ratings as public scores."""
        return [
            replace(s, public=self.episodes.rating(s.ref).mu) if s.status == "COMPLETE" else s
            for s in super().submissions()
        ]

    # ------------------------------------------------------------------ playing

    def _score(self, submission: Submission) -> None:
        """Let a submission play what it has not played yet."""
        for episode in self.episodes.of(submission.ref):
            if episode.state == "CREATED":  # the server was stopped meanwhile
                self.episodes.give_up(episode.id, "NEVER_STARTED", self.now().timestamp())
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            if submission.status == "PENDING":
                try:
                    valid = self._validate(submission, Path(folder))
                except Exception as error:  # nobody should wait for ever, whatever happened
                    if not self._closed:
                        self._refuse(submission, f"Evaluation Exception: {error}")
                    return
                if not valid:
                    return
            for number in range(self.episodes.played(submission.ref), self.settings.episodes):
                players = self._draw(submission.ref, number)
                if not players or self._play(PUBLIC, players, Path(folder)) is None:
                    return

    def _validate(self, submission: Submission, folder: Path) -> bool:
        """Return whether a submission plays against itself to the end; keep why if it does not."""
        self._check_environment()
        players = [submission.ref] * self.settings.players
        try:
            outcome = self._play(VALIDATION, players, folder)
        except BadSubmission as error:
            self._refuse(submission, f"Validation Episode failed: {error}.")
            return False
        if outcome is None:
            return False
        failed = [seat for seat, status in enumerate(outcome.statuses) if status in FAILED]
        if outcome.failure:
            self._refuse(submission, f"Validation Episode failed: {outcome.failure}.")
        elif failed:
            status = outcome.statuses[failed[0]]
            self._refuse(
                submission,
                f"Validation Episode failed: agent {failed[0]} ended with status {status}. "
                "Its logs say more.",
            )
        else:
            self.db.finish(submission.ref, Scores(Rating().mu, None))
            return True
        return False

    def _check_environment(self) -> None:
        """Raise `PracticeError` if competition.yaml asks for what the environment lacks."""
        known = self._player.describe(self.settings.environment)
        if self.settings.players not in known["players"]:
            counts = ", ".join(map(str, known["players"]))
            raise PracticeError(f"{FILE_NAME}: players must be one of {counts}.")
        if unknown := sorted(set(self.settings.ladder) - set(known["agents"])):
            raise PracticeError(
                f"{FILE_NAME}: the ladder names {', '.join(unknown)}, but the environment has only "
                f"{', '.join(known['agents'])}."
            )

    def _refuse(self, submission: Submission, why: str) -> None:
        self.db.finish(submission.ref, Scores(None, None), why)

    def _play(self, kind: str, players: list[int], folder: Path) -> Outcome | None:
        """Play and record an episode; return None if the server is stopped meanwhile.

        Raises:
            BadSubmission: a submission can't be unpacked.
        """
        agents = [self._agent(player, folder) for player in players]
        teams = [self.team(player) for player in players]
        episode = self.episodes.begin(kind, players, self.now().timestamp())
        try:
            outcome = self._player.play(
                self.settings.environment,
                agents,
                self.episodes.folder(episode),
                folder,
                configuration=self.settings.configuration,
                overage=self.settings.overage_seconds,
                info={
                    "Agents": [{"Name": team} for team in teams],
                    "EpisodeId": episode,
                    "TeamNames": teams,
                },
            )
        except PracticeError as error:
            if self._closed:
                return None
            self.episodes.give_up(episode, "ERRORED", self.now().timestamp())
            return Outcome([None] * len(players), ["ERROR"] * len(players), str(error))
        self.episodes.finish(episode, outcome, self.now().timestamp())
        return outcome

    def _agent(self, player: int, folder: Path) -> Path | str:
        """Return what plays: main.py of a submission, which is unpacked once, or a name."""
        if player in self._ladder:
            return self._ladder[player]
        own = folder / str(player)
        if not own.exists():
            submission = next(s for s in self.db.submissions() if s.ref == player)
            unpack(self._file(submission), own)
        return own / MAIN

    def _draw(self, ref: int, number: int) -> list[int]:
        """Return who plays an episode of a submission, by seat; empty where there is no other."""
        done = [s.ref for s in self.db.submissions() if s.status == "COMPLETE" and s.ref != ref]
        mu = {other: self.episodes.rating(other).mu for other in (ref, *self._ladder, *done)}
        return draw_players(ref, mu, self.settings.players, random.Random(f"{ref} {number}"))

    # ------------------------------------------------------------------ leaderboard

    def format_score(self, score: float | None) -> str:
        """Return a rating with one decimal, as Kaggle shows it."""
        return "" if score is None else f"{score:.1f}"

    def active(self) -> list[Submission]:
        """Return all submissions that play: each has a rating of its own."""
        return [s for s in self.submissions() if s.status == "COMPLETE"]

    def leaderboard(self, *, private: bool) -> list[Place]:
        """Return the rating of every team, its best submission's, the best team first.

        Args:
            private: no matter: ratings are the same for everybody at any time.
        """
        made = datetime.fromtimestamp((self.folder / FILE_NAME).stat().st_mtime, UTC)
        places = [
            Place(self.team(player), self.team_of(player), made, self.episodes.rating(player).mu, 1)
            for player in self._ladder
        ]
        active = [(s.public, s.created) for s in self.active() if s.public is not None]
        if active:
            score, created = max(active)
            when = datetime.fromtimestamp(created, UTC)
            places.append(Place(TEAM, self.team_id(1), when, score, len(active)))
        return sorted(places, key=lambda place: (-place.score, place.when))
