"""The two kinds of error: a refusal that goes to the client, a fault of the practice folder."""

from typing import Any

_STATUS_NAMES = {
    400: "FAILED_PRECONDITION",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
}


class PracticeError(Exception):
    """What is wrong with a practice folder or a command line, and what to do about it."""


class BadSubmission(Exception):
    """Why a submission can't be scored: the text of Kaggle's `errorDescription`."""


class Refusal(Exception):
    """An answer with an HTTP error status, in Kaggle's words."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def error_body(status: int, message: str, shape: str = "today") -> dict[str, Any]:
    """The JSON body of an error: nested as Kaggle sends it today, or flat ("older")."""
    if shape == "older":
        return {"code": status, "message": message}
    name = _STATUS_NAMES.get(status, "UNKNOWN")
    return {"error": {"code": status, "message": message, "status": name}}
