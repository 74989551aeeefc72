"""The methods of competitions.CompetitionApiService that the competition loop uses."""

import csv
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from .competition import TEAM, Competition
from .datafiles import bundle, data_files, zipped
from .errors import Refusal
from .site import TOKEN, USER, Site
from .store import Submission
from .wire import Json, moment, page, shown

# A host of its own, as on Kaggle: a redirect to another host drops the credentials.
STORAGE = "http://storage.localhost"


@dataclass(frozen=True)
class Redirect:
    """302 to a file of the storage host."""

    url: str


@dataclass(frozen=True)
class Body:
    """200 with bytes that are no JSON."""

    content: bytes
    media_type: str


_LEADERBOARD_COLUMNS = [
    "Rank",
    "TeamId",
    "TeamName",
    "LastSubmissionDate",
    "Score",
    "SubmissionCount",
]

Answer = Json | Redirect | Body
Method = Callable[[Site, Json], Answer]


def introspect_token(site: Site, body: Json) -> Answer:
    if body.get("token") != TOKEN:
        return {"active": False}
    return {"active": True, "username": USER, "userId": 1}


def list_competitions(site: Site, body: Json) -> Answer:
    word = str(body.get("search") or "").lower()
    found = [
        record
        for record in (_record(c) for c in site.competitions.values())
        if word in f"{record['ref']} {record['title']}".lower()
    ]
    shown_page, following = page(found, body)
    return {"competitions": shown_page, "nextPageToken": following}


def get_competition(site: Site, body: Json) -> Answer:
    return _record(site.find(body.get("competitionName")))


def _record(competition: Competition) -> Json:
    settings = competition.settings
    deadline = settings.deadline and moment(settings.deadline)
    return {
        "id": competition.store.first_ref // 10_000,
        "ref": f"https://www.kaggle.com/competitions/{settings.slug}",
        "url": f"https://www.kaggle.com/competitions/{settings.slug}",
        "title": settings.title,
        "description": settings.description,
        "category": settings.category,
        "reward": settings.reward,
        "organizationName": "Practice Kaggle",
        "deadline": deadline,
        "mergerDeadline": deadline,
        "newEntrantDeadline": deadline,
        "enabledDate": "2020-01-01T00:00:00Z",
        "evaluationMetric": settings.metric,
        "maxDailySubmissions": settings.max_daily_submissions,
        "maxTeamSize": 5,
        "isKernelsSubmissionsOnly": settings.kernels_only,
        "submissionsDisabled": settings.submissions_disabled,
        "userHasEntered": settings.entered and settings.rules_accepted,
        "tags": [],
    }


def list_data_files(site: Site, body: Json) -> Answer:
    competition = site.find(body.get("competitionName"))
    competition.check_entered(rules=False)
    files, following = page(data_files(competition.folder), body)
    return {
        "files": [
            {
                "ref": file.name,
                "name": file.name,
                "totalBytes": file.bytes,
                "creationDate": moment(datetime.fromtimestamp(file.changed, UTC)),
            }
            for file in files
        ],
        "nextPageToken": following,
    }


def download_data_files(site: Site, body: Json) -> Answer:
    competition = site.find(body.get("competitionName"))
    competition.check_entered()
    slug = competition.settings.slug
    return _stored(competition, bundle(competition.folder, competition.cache, slug))


def download_data_file(site: Site, body: Json) -> Answer:
    competition = site.find(body.get("competitionName"))
    competition.check_entered()
    name = str(body.get("fileName") or "")
    file = next((f for f in data_files(competition.folder) if f.name == name), None)
    if file is None:
        raise Refusal(404, f"The file '{name}' was not found")
    if competition.settings.zip_single_files:
        return _stored(competition, zipped(file, competition.cache))
    return _stored(competition, file.path)


def _stored(competition: Competition, path: Path) -> Redirect:
    """A redirect to a served file; its path ends with the real file name."""
    inside = path.relative_to(competition.folder).as_posix()
    return Redirect(f"{STORAGE}/file/{competition.settings.slug}/{quote(inside)}")


def start_submission_upload(site: Site, body: Json) -> Answer:
    competition = site.find(body.get("competitionName"))
    competition.check_entered()
    name = str(body.get("fileName") or "submission.csv").replace("\\", "/").split("/")[-1]
    upload = competition.store.new_upload(name, int(body.get("contentLength") or 0))
    slug = competition.settings.slug
    return {"token": upload.token, "createUrl": f"{STORAGE}/upload/{slug}/{upload.token}"}


def create_submission(site: Site, body: Json) -> Answer:
    competition = site.find(body.get("competitionName"))
    competition.check_entered()
    if competition.settings.kernels_only:
        raise Refusal(400, "This competition only accepts Submissions from Notebooks.")
    upload = competition.store.upload(str(body.get("blobFileTokens") or ""))
    description = str(body.get("submissionDescription") or "")
    submission = competition.submit(upload, description)
    title = competition.settings.title
    return {"message": f"Successfully submitted to {title}", "ref": submission.ref}


def list_submissions(site: Site, body: Json) -> Answer:
    competition = site.find(body.get("competitionName"))
    competition.check_entered()
    submissions, following = page(competition.submissions(), body)
    return {
        "submissions": [_submission(competition, s) for s in submissions],
        "nextPageToken": following,
    }


def get_submission(site: Site, body: Json) -> Answer:
    return _submission(*_find_submission(site, body.get("ref")))


def download_submission(site: Site, body: Json) -> Answer:
    competition, submission = _find_submission(site, body.get("submissionId"))
    name = quote(submission.file_name)
    return Redirect(f"{STORAGE}/upload/{competition.settings.slug}/{submission.token}/{name}")


def _find_submission(site: Site, ref: object) -> tuple[Competition, Submission]:
    for competition in site.competitions.values():
        for submission in competition.submissions():
            if submission.ref == ref:
                return competition, submission
    raise Refusal(404, "Submission not found")


def _submission(competition: Competition, submission: Submission) -> Json:
    private = submission.private if competition.private_is_shown else None
    return {
        "ref": submission.ref,
        "date": moment(datetime.fromtimestamp(submission.created, UTC)),
        "description": submission.description,
        "fileName": submission.file_name,
        "totalBytes": submission.bytes,
        "status": submission.status,
        "publicScore": shown(submission.public),
        "privateScore": shown(private),
        "errorDescription": submission.error,
        "submittedBy": USER,
        "submittedByRef": USER,
        "teamName": TEAM,
        "url": f"https://www.kaggle.com/submissions/{submission.ref}/{submission.ref}.raw",
    }


def get_submission_limits(site: Site, body: Json) -> Answer:
    competition = site.find(body.get("competitionName"))
    competition.check_entered()
    submissions = competition.submissions()
    today = competition.used_today(submissions)
    limit = competition.settings.max_daily_submissions
    closed = competition.over or competition.settings.submissions_disabled
    allowed = 0 if closed else 1000 if limit is None else max(0, limit - today)
    return {
        "numToday": today,
        "numTotal": len(submissions),
        "numAllowedNow": allowed,
        "limitedByTotal": False,
    }


def get_leaderboard(site: Site, body: Json) -> Answer:
    competition = site.find(body.get("competitionName"))
    private = competition.over and not body.get("overridePublic")
    places, following = page(competition.leaderboard(private=private), body)
    return {
        "submissions": [
            {
                "teamId": place.team_id,
                "teamName": place.team,
                "submissionDate": moment(place.when),
                "score": shown(place.score),
            }
            for place in places
        ],
        "nextPageToken": following,
    }


def download_leaderboard(site: Site, body: Json) -> Answer:
    competition = site.find(body.get("competitionName"))
    private = competition.over
    rows = io.StringIO(newline="")
    writer = csv.writer(rows)
    writer.writerow(_LEADERBOARD_COLUMNS)
    for rank, place in enumerate(competition.leaderboard(private=private), start=1):
        when = place.when.strftime("%Y-%m-%d %H:%M:%S")
        score = shown(place.score)
        writer.writerow([rank, place.team_id, place.team, when, score, place.submissions])
    name = f"{competition.settings.slug}-{'private' if private else 'public'}leaderboard.csv"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), rows.getvalue())
    return Body(packed.getvalue(), "application/zip")


def list_competition_pages(site: Site, body: Json) -> Answer:
    competition = site.find(body.get("competitionName"))
    settings = competition.settings
    pages = {
        "Description": settings.description or f"Practise on {settings.title}.",
        "Evaluation": f"Submissions are evaluated on {settings.metric}.",
        "rules": "This is a practice competition: do as you like.",
    }
    wanted = body.get("pageName")
    return {
        "pages": [
            {"name": name, "content": text, "isPublished": True, "mimeType": "text/markdown"}
            for name, text in pages.items()
            if not wanted or name.lower() == str(wanted).lower()
        ]
    }


_COMPETITIONS = "competitions.CompetitionApiService"
METHODS: dict[str, Method] = {
    "security.OAuthService/IntrospectToken": introspect_token,
    f"{_COMPETITIONS}/ListCompetitions": list_competitions,
    f"{_COMPETITIONS}/GetCompetition": get_competition,
    f"{_COMPETITIONS}/ListDataFiles": list_data_files,
    f"{_COMPETITIONS}/DownloadDataFiles": download_data_files,
    f"{_COMPETITIONS}/DownloadDataFile": download_data_file,
    f"{_COMPETITIONS}/StartSubmissionUpload": start_submission_upload,
    f"{_COMPETITIONS}/CreateSubmission": create_submission,
    f"{_COMPETITIONS}/ListSubmissions": list_submissions,
    f"{_COMPETITIONS}/GetSubmission": get_submission,
    f"{_COMPETITIONS}/DownloadSubmission": download_submission,
    f"{_COMPETITIONS}/GetSubmissionLimits": get_submission_limits,
    f"{_COMPETITIONS}/GetLeaderboard": get_leaderboard,
    f"{_COMPETITIONS}/DownloadLeaderboard": download_leaderboard,
    f"{_COMPETITIONS}/ListCompetitionPages": list_competition_pages,
}
