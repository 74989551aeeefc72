"""The format of Kaggle's JSON: dates, scores, pages, and no nulls."""

from datetime import datetime
from typing import Any, TypeVar

from .errors import Refusal

Json = dict[str, Any]
Item = TypeVar("Item")


def format_time(when: datetime) -> str:
    """Return a UTC time as Kaggle writes it: 2026-01-01T00:00:00.123Z."""
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"


def format_score(score: float | None) -> str:
    """Return a score with five decimals; an empty string where it is hidden or missing."""
    return "" if score is None else f"{score:.5f}"


def drop_nulls(value: Any) -> Any:
    """Return a JSON value without null members: a null list or date crashes the client."""
    if isinstance(value, dict):
        return {key: drop_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [drop_nulls(item) for item in value]
    return value


def paginate(items: list[Item], body: Json, default: int = 20) -> tuple[list[Item], str]:
    """Return the page that a request asks for, and the token of the next one.

    Args:
        items: all items, in order.
        body: the request's JSON; `pageSize`, and `pageToken` or `page`, choose the page.
        default: items on a page where the request does not say.

    Returns:
        The items of the page, and the next token, empty on the last page.

    Raises:
        Refusal: the token is not one of ours.
    """
    size = max(1, min(int(body.get("pageSize") or default), 1000))
    token = body.get("pageToken")
    try:
        start = int(token) if token else (max(1, int(body.get("page") or 1)) - 1) * size
    except ValueError:
        raise Refusal(400, "Invalid page token") from None
    end = start + size
    return items[start:end], str(end) if end < len(items) else ""
