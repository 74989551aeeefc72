"""Methods about the leaderboard."""

import csv
import io
import zipfile

from ..serialization import Json, format_time, paginate
from ..site import Site
from .responses import Content, Reply

_COLUMNS = ["Rank", "TeamId", "TeamName", "LastSubmissionDate", "Score", "SubmissionCount"]


def get_leaderboard(site: Site, body: Json) -> Reply:
    """Return a page of the leaderboard: the private one once the competition is over."""
    competition = site.find(body.get("competitionName"))
    private = competition.over and not body.get("overridePublic")
    places, following = paginate(competition.leaderboard(private=private), body)
    return {
        "submissions": [
            {
                "teamId": place.team_id,
                "teamName": place.team,
                "submissionDate": format_time(place.when),
                "score": competition.format_score(place.score),
            }
            for place in places
        ],
        "nextPageToken": following,
    }


def download_leaderboard(site: Site, body: Json) -> Reply:
    """Return the whole leaderboard as a CSV file in a zip."""
    competition = site.find(body.get("competitionName"))
    private = competition.over
    rows = io.StringIO(newline="")
    writer = csv.writer(rows)
    writer.writerow(_COLUMNS)
    for rank, place in enumerate(competition.leaderboard(private=private), start=1):
        when = place.when.strftime("%Y-%m-%d %H:%M:%S")
        score = competition.format_score(place.score)
        writer.writerow([rank, place.team_id, place.team, when, score, place.submissions])
    name = f"{competition.settings.slug}-{'private' if private else 'public'}leaderboard.csv"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), rows.getvalue())
    return Content(packed.getvalue(), "application/zip")
