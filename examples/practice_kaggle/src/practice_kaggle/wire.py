"""The form of Kaggle's JSON: dates, scores, pages, and no nulls."""

from datetime import datetime
from typing import Any, TypeVar

from .errors import Refusal

Json = dict[str, Any]
Item = TypeVar("Item")


def moment(when: datetime) -> str:
    """2026-01-01T00:00:00.123Z"""
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"


def shown(score: float | None) -> str:
    """Scores are strings with five decimals, empty where hidden or missing."""
    return "" if score is None else f"{score:.5f}"


def without_nulls(value: Any) -> Any:
    """The same JSON value without null members: a null list or date crashes the client."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value


def page(items: list[Item], body: Json, default: int = 20) -> tuple[list[Item], str]:
    """The page that the request asks for, and the token of the next one ("" at the end)."""
    size = max(1, min(int(body.get("pageSize") or default), 1000))
    token = body.get("pageToken")
    try:
        start = int(token) if token else (max(1, int(body.get("page") or 1)) - 1) * size
    except ValueError:
        raise Refusal(400, "Invalid page token") from None
    end = start + size
    return items[start:end], str(end) if end < len(items) else ""
