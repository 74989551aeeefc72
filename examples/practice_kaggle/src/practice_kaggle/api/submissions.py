"""Methods about submissions: sending them, and what became of them."""

from datetime import UTC, datetime
from urllib.parse import quote

from ..competition import TEAM, Competition
from ..db import Submission
from ..errors import Refusal
from ..serialization import Json, format_time, paginate
from ..site import USER, Site
from .responses import STORAGE, Redirect, Reply


def start_submission_upload(site: Site, body: Json) -> Reply:
    """Announce a file; return where to PUT it."""
    competition = site.find(body.get("competitionName"))
    competition.check_entered()
    name = str(body.get("fileName") or "submission.csv").replace("\\", "/").split("/")[-1]
    size = int(body.get("contentLength") or 0)
    competition.check_size(size)
    upload = competition.db.new_upload(name, size)
    slug = competition.settings.slug
    return {"token": upload.token, "createUrl": f"{STORAGE}/upload/{slug}/{upload.token}"}


def create_submission(site: Site, body: Json) -> Reply:
    """Submit an uploaded file. Raise `Refusal` if Kaggle would not take it."""
    competition = site.find(body.get("competitionName"))
    competition.check_entered()
    if competition.settings.kernels_only:
        raise Refusal(400, "This competition only accepts Submissions from Notebooks.")
    upload = competition.db.upload(str(body.get("blobFileTokens") or ""))
    description = str(body.get("submissionDescription") or "")
    submission = competition.submit(upload, description)
    title = competition.settings.title
    return {"message": f"Successfully submitted to {title}", "ref": submission.ref}


def create_code_submission(site: Site, body: Json) -> Reply:
    """Submit a version of a notebook. Raise `Refusal` if Kaggle would not take it."""
    competition = site.find(body.get("competitionName"))
    competition.check_entered()
    slug = str(body.get("kernelSlug") or "")
    file_name = str(body.get("fileName") or "")
    if body.get("kernelOwner") != USER:
        raise Refusal(403, "Permission 'kernelSessions.get' was denied")
    version = site.account.kernels.check_submission(
        slug, body.get("kernelVersion"), file_name, competition
    )
    description = str(body.get("submissionDescription") or "")
    submission = competition.submit_notebook(slug, version.number, file_name, description)
    title = competition.settings.title
    return {"message": f"Successfully submitted to {title}", "ref": submission.ref}


def list_submissions(site: Site, body: Json) -> Reply:
    """List the submissions to a competition, the newest first."""
    competition = site.find(body.get("competitionName"))
    competition.check_entered()
    submissions, following = paginate(competition.submissions(), body)
    return {
        "submissions": [_record(competition, s) for s in submissions],
        "nextPageToken": following,
    }


def get_submission(site: Site, body: Json) -> Reply:
    """Return the submission with the number `ref`. Raise `Refusal` if there is none."""
    return _record(*_find(site, body.get("ref")))


def list_team_public_submissions(site: Site, body: Json) -> Reply:
    """List a team's submissions that the leaderboard is made of. Raise `Refusal` if unknown."""
    for competition in site.competitions.values():
        team = body.get("teamId")
        if team == competition.team_id(1):
            return {
                "submissions": [
                    {
                        "id": submission.ref,
                        "dateSubmitted": format_time(
                            datetime.fromtimestamp(submission.created, UTC)
                        ),
                        "publicScore": competition.format_score(submission.public),
                    }
                    for submission in competition.active()
                ]
            }
    raise Refusal(404, "Team not found")


def download_submission(site: Site, body: Json) -> Reply:
    """Redirect to a submission's file. Raise `Refusal` if there is none."""
    competition, submission = _find(site, body.get("submissionId"))
    name = quote(submission.file_name)
    return Redirect(f"{STORAGE}/upload/{competition.settings.slug}/{submission.token}/{name}")


def get_submission_limits(site: Site, body: Json) -> Reply:
    """Say how many submissions were sent today, and how many are left."""
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


def _find(site: Site, ref: object) -> tuple[Competition, Submission]:
    for competition in site.competitions.values():
        for submission in competition.submissions():
            if submission.ref == ref:
                return competition, submission
    raise Refusal(404, "Submission not found")


def _record(competition: Competition, submission: Submission) -> Json:
    private = submission.private if competition.private_is_shown else None
    return {
        "ref": submission.ref,
        "date": format_time(datetime.fromtimestamp(submission.created, UTC)),
        "description": submission.description,
        "fileName": submission.file_name,
        "totalBytes": submission.bytes,
        "status": submission.status,
        "publicScore": competition.format_score(submission.public),
        "privateScore": competition.format_score(private),
        "errorDescription": submission.error,
        "submittedBy": USER,
        "submittedByRef": USER,
        "teamName": TEAM,
        "url": f"https://www.kaggle.com/submissions/{submission.ref}/{submission.ref}.raw",
    }
