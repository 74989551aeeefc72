"""What `reports/card.json` holds: a project in short, for programs that list several of them."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from compete.files import REPORTS
from compete.records import Record

CARD = REPORTS / "card.json"


@dataclass(frozen=True)
class Baseline(Record):
    """What the score is compared with: the same metric on the same rows.

    Args:
        name: what it predicts, such as `always 7, the most frequent class`.
        score: of it.
    """

    name: str
    score: float


@dataclass(frozen=True)
class Links(Record):
    """Where more is; what there is not is None.

    Args:
        report: the page, relative to the project's folder; so are the demo and the model card.
        code: the public address of the repository.
    """

    report: str | None = "reports/index.html"
    code: str | None = None
    demo: str | None = None
    model_card: str | None = "MODEL_CARD.md"


@dataclass(frozen=True)
class Card(Record):
    """The card of a project; unknown values are None or empty.

    Args:
        title: as a person would write it.
        slug: of the competition, in its address on kaggle.com.
        task: `image`, `tabular`, `text`, `translation`, `simulation` or
            `generative`.
        problem: what the competition asks, in a sentence.
        result: what the project reached, in a sentence.
        score: the one to show: the private leaderboard's, else the public one's, else the
            project's own.
        metric: what the score is by.
        direction: `maximize` or `minimize`.
        split: where the score is from: `private leaderboard`, `public leaderboard`, `out of fold`,
            `ladder`, `episodes` or `generated images`.
        interval: 95% bootstrap interval of the project's own score: low and high.
        rows: behind the project's own score.
        percentile: how many percent of the teams are behind it on the leaderboard, 0 to 100.
        rank: on the leaderboard, of so many `teams`.
        baseline: a simple prediction, by the metric on the rows of the project's own score.
        findings: what the numbers tell, in sentences.
        picture: a PNG file, relative to the project's folder.
        date: of the submission, else of the current commit: ISO 8601.
        skills: libraries and techniques that the project's settings name.
        name: of the project in pyproject.toml.
        description: the author's, of one sentence.
        license: of the code.
        competition: the address of the competition.
        scores: all that are known, by name.
        members: the numbers of each member, by name.
        seconds: of training.
        commit: that the score belongs to.
        data: DVC's hash of the raw data.
        missing: a sentence for each step that is not done yet.
        cv_lines: three lines for a CV.
        schema: the version of this format.
    """

    title: str
    slug: str
    task: str
    problem: str
    result: str
    metric: str
    direction: Literal["maximize", "minimize"]
    score: float | None = None
    split: str = ""
    interval: tuple[float, float] | None = None
    rows: int | None = None
    percentile: float | None = None
    rank: int | None = None
    teams: int | None = None
    baseline: Baseline | None = None
    findings: list[str] = field(default_factory=list)
    picture: str | None = None
    links: Links = field(default_factory=Links)
    date: str | None = None
    skills: list[str] = field(default_factory=list)
    name: str = ""
    description: str | None = None
    authors: list[str] = field(default_factory=list)
    license: str | None = None
    competition: str | None = None
    scores: dict[str, Any] = field(default_factory=dict)
    members: dict[str, dict[str, Any]] = field(default_factory=dict)
    seconds: float = 0.0
    commit: str | None = None
    data: str | None = None
    missing: list[str] = field(default_factory=list)
    cv_lines: list[str] = field(default_factory=list)
    schema: int = 2

    @classmethod
    def load(cls, project: Path = Path()) -> Self | None:
        """Read the card of a project, None where no report was written."""
        return cls.read(project / CARD)
