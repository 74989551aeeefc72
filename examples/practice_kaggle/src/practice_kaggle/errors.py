"""The kinds of error: a wrong folder or command line, a bad submission, a refused request."""

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
    """What is wrong with a practice folder or a command line, and how to fix it."""


class BadSubmission(Exception):
    """Why a submission can't be scored: the text of Kaggle's `errorDescription`."""


class Interrupted(Exception):
    """The server has ended in the middle of a run."""


class Refusal(Exception):
    """A response with an HTTP error status, in Kaggle's words.

    Args:
        status: the HTTP status.
        message: the text for the client.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def error_body(status: int, message: str, shape: str = "today") -> dict[str, Any]:
    """Return the JSON body of an error response.

    Args:
        status: the HTTP status.
        message: the text for the client.
        shape: `today`, nested as Kaggle sends it now, or `older`, flat as it did before.
    """
    if shape == "older":
        return {"code": status, "message": message}
    name = _STATUS_NAMES.get(status, "UNKNOWN")
    return {"error": {"code": status, "message": message, "status": name}}
