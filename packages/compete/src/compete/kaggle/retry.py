"""Requests that end: a timeout for each, patience with passing trouble, a Fault for the rest."""

import logging
import os
import time
from collections.abc import Callable
from typing import Any, TypeVar

from compete.files import note
from compete.kaggle.http_errors import Silent, Unreachable, explain

T = TypeVar("T")
CONNECT_SECONDS = 10.0
# Silence on an open connection, after which a request is repeated once: both together are less than
# two minutes. The variable COMPETE_TIMEOUT overrides both limits.
READ_SECONDS = 50.0
PAUSES = (1, 2, 4)  # seconds between attempts at a request that may be repeated
LONGEST_WAIT = 120  # seconds that we are willing to be put off with Retry-After


def bound_every_request() -> None:
    """Give every request of this process a timeout: the client sets none for its calls."""
    from requests.adapters import HTTPAdapter

    logging.getLogger("urllib3").setLevel(logging.ERROR)  # its warnings show signed addresses
    read = _timeout()
    send = HTTPAdapter.send

    def bounded(self: HTTPAdapter, request: Any, stream: bool = False, *_: Any, **rest: Any) -> Any:
        if self.max_retries.total:  # the client tries an upload eleven times
            self.max_retries = self.max_retries.new(total=1)
        rest["timeout"] = (min(CONNECT_SECONDS, read), read)
        return send(self, request, stream, **rest)

    HTTPAdapter.send = bounded  # type: ignore[method-assign]


def patiently(slug: str, request: Callable[[], T], once: bool = False) -> T:
    """Return what `request` returns; passing trouble is waited out, the rest becomes a `Fault`.

    With `once`, it is repeated only after an answer that says it was not carried out. Where nothing
    comes within the timeout, it is repeated one time at most.
    """
    import requests

    silences = 0
    for pause in (*PAUSES, None):
        try:
            return request()
        except (requests.RequestException, ValueError, OSError) as error:
            fault = explain(error, slug)
            silences += isinstance(fault, Silent)
            wait = None if pause is None or silences > 1 else min(pause, _timeout())
            response = getattr(error, "response", None)
            if response is not None and response.status_code == 429:
                wait = _retry_after(response, wait)
            elif once or not isinstance(fault, Unreachable):
                wait = None
            if wait is None:
                raise fault from error
        note(f"{fault.what} Retrying in {wait:g} s.")
        time.sleep(wait)
    raise AssertionError("the last pause is None")


def _timeout() -> float:
    return float(os.environ.get("COMPETE_TIMEOUT") or READ_SECONDS)


def _retry_after(response: Any, pause: float | None) -> float | None:
    """Return the seconds that a 429 asks us to wait, None if that is too long."""
    said = response.headers.get("Retry-After", "")
    if pause is None:
        return None
    if not said.isdigit():
        return 5 * pause
    return int(said) if int(said) <= LONGEST_WAIT else None
