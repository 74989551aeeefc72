"""Methods about competitions: which there are, and what their pages say."""

from ..competition import Competition
from ..serialization import Json, format_time, paginate
from ..settings import Settings
from ..site import TOKEN, USER, Site
from .responses import Reply

_SIMULATION = (
    "A submission first plays a validation episode against itself. If that fails, the submission "
    "is marked as Error; else it is rated from 600 by episodes against other submissions."
)


def introspect_token(site: Site, body: Json) -> Reply:
    """Say whose token it is, if it is the practice account's."""
    if body.get("token") != TOKEN:
        return {"active": False}
    return {"active": True, "username": USER, "userId": 1}


def list_competitions(site: Site, body: Json) -> Reply:
    """List the competitions whose slug or title holds `search`."""
    word = str(body.get("search") or "").lower()
    found = [
        record
        for record in (_record(c) for c in site.competitions.values())
        if word in f"{record['ref']} {record['title']}".lower()
    ]
    page, following = paginate(found, body)
    return {"competitions": page, "nextPageToken": following}


def get_competition(site: Site, body: Json) -> Reply:
    """Describe one competition. Raise `Refusal` if it is not known."""
    return _record(site.find(body.get("competitionName")))


def _record(competition: Competition) -> Json:
    settings = competition.settings
    deadline = settings.deadline and format_time(settings.deadline)
    return {
        "id": competition.db.first_ref // 10_000,
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


def _evaluation(settings: Settings) -> str:
    """Return the page on how submissions are scored, of images in the words of Kaggle's own."""
    if not settings.metric:
        return _SIMULATION
    text = f"Submissions are evaluated on {settings.metric}."
    if settings.images_max:
        side, colour = settings.image_size, settings.image_mode == "RGB"
        text += (
            f" You are going to generate {settings.images_min:,}-{settings.images_max:,} images "
            f"in {settings.image_format} format. Their sizes should be {side}x{side}"
            f"{'x3 (RGB)' if colour else 'x1 (greyscale)'}. Then you need to zip those images: "
            "submit ONE file named images.zip."
        )
    return text


def list_competition_pages(site: Site, body: Json) -> Reply:
    """Return the competition's pages, or the one called `pageName`."""
    competition = site.find(body.get("competitionName"))
    settings = competition.settings
    pages = {
        "Description": settings.description or f"Practise on {settings.title}.",
        "Evaluation": _evaluation(settings),
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
