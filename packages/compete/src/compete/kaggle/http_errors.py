"""Converts errors of Kaggle and the network into one sentence with a remedy."""

import errno
import json
import re
from typing import Any

from compete.errors import Fault
from compete.kaggle import credentials

SITE = "https://www.kaggle.com"
NEWER = "A newer client may help: uv lock -P kaggle && uv sync."
NOTEBOOK = (
    "Run `compete kernel build`, `compete kernel rehearse`, `compete kernel push`, and then "
    "`compete kernel submit`."
)
AGAIN = "Run the same command again; it resumes where it stopped."

# Kaggle's own words in a refusal (any status), what they mean, and what to do. {slug} and {reason}
# are filled in. The first pattern that is found wins.
REFUSALS = (
    (
        r"accept (this competition's|the) rules|RulesAcceptanceRequired",
        "You have not accepted the rules of {slug}.",
        "Open {site}/competitions/{slug}/rules in a browser, accept the rules and run the command "
        "again (no program can do that for you).",
    ),
    (
        r"verif\w+ (your|a)?.*phone|phone verif",
        "Kaggle requires that you verify your phone number before it allows this.",
        "Verify it on {site}/settings and run the command again.",
    ),
    (
        r"daily submission allowance|submission limit",
        "You have no submissions left today: {reason}",
        "Wait until midnight UTC and run the same command again.",
    ),
    (
        r"only accepts submissions from notebooks",
        "{slug} is a code competition: it takes a notebook, not a file.",
        NOTEBOOK,
    ),
    (
        r"cannot use internet access",
        "The notebook has internet access, which {slug} forbids.",
        'Set "enable_internet": false in kernel/notebook/kernel-metadata.json and run '
        "`compete kernel push` again.",
    ),
    (
        r"must include this competition as a data source",
        "The notebook does not have the data of {slug} attached.",
        'Add "{slug}" to "competition_sources" in kernel/notebook/kernel-metadata.json and run '
        "`compete kernel push` again.",
    ),
    (
        r"kernelSessions\.get",
        "Kaggle could not find the version of the notebook to submit.",
        "Run `compete kernel push`, which waits until the version has run.",
    ),
    (
        r"competitions\.(get|participate)",
        "Kaggle does not give you access to the competition {slug}: its name is misspelled, or you "
        "have not joined it.",
        "Check competition.slug in params.yaml, and join it on {site}/competitions/{slug}.",
    ),
    (
        r"deadline|no longer accept|has (ended|closed)|submissions are (closed|disabled)",
        "{slug} no longer accepts submissions: {reason}",
        "Look for a late-submission button on {site}/competitions/{slug}.",
    ),
)


class Unknown(Fault):
    """The dataset or notebook does not exist on Kaggle, or is private."""


class Unreachable(Fault):
    """Kaggle gave no usable response, so it is unknown whether it carried out the request."""


class Silent(Unreachable):
    """Nothing came within the timeout."""


def explain(error: Exception, slug: str) -> Fault:
    """Convert an exception of the client or the network into a Fault, without URLs or headers."""
    import requests

    text = f"{type(error).__name__} {error}"
    if isinstance(error, requests.HTTPError) and error.response is not None:
        code, why = reason(error.response)
        return refused(code or error.response.status_code, why, slug)
    if isinstance(error, requests.Timeout):
        return Silent("Kaggle did not answer in time.", f"Check the connection. {AGAIN}")
    if "timed out" in text:  # while the body of an answer was read
        return Silent(
            "The connection stalled while Kaggle's response was read.",
            f"Check the connection. {AGAIN}",
        )
    if isinstance(error, requests.exceptions.SSLError):
        return Unreachable(
            "The TLS certificate of Kaggle's server is not trusted on this machine.",
            "If you use a company's proxy, set REQUESTS_CA_BUNDLE to its certificate file.",
        )
    if isinstance(error, requests.exceptions.ChunkedEncodingError) or "expected size" in text:
        return Unreachable("The connection was lost during a download.", AGAIN)
    proxy_errors = (requests.exceptions.ProxyError, requests.exceptions.InvalidProxyURL)
    if isinstance(error, (requests.ConnectionError, ConnectionError, *proxy_errors)):
        proxy = isinstance(error, proxy_errors)
        what = "the connection and the proxy named in HTTPS_PROXY" if proxy else "the connection"
        return Unreachable("Kaggle cannot be reached from here.", f"Check {what}. {AGAIN}")
    if getattr(error, "errno", None) in (errno.ENOSPC, getattr(errno, "EDQUOT", -1)):
        return Fault("The disk is full.", f"Free some space. {AGAIN}")
    if isinstance(error, OSError) and not isinstance(error, requests.RequestException):
        return Fault(f"{error.filename or 'A file'}: {error.strerror}.", f"Fix that. {AGAIN}")
    if lost := re.match(r"Upload unsuccessful: (.+)", str(error)):  # the client's word since 2.2.5
        return Fault(f"The upload of {lost[1]} failed.", AGAIN)
    if isinstance(error, json.JSONDecodeError):
        return Unreachable(
            "The response does not come from Kaggle.",
            "It may be the login page of a guest network: open any page in a browser, sign in, and "
            "run the same command again.",
        )
    return Unreachable(f"Kaggle's client stopped with {type(error).__name__}.", f"{AGAIN} {NEWER}")


def refused(status: int, why: str, slug: str) -> Fault:
    """Return the Fault for an error status with Kaggle's reason `why`, which may be empty.

    Without a slug, it is about a dataset or a notebook.
    """
    for pattern, what, remedy in REFUSALS if status < 500 else ():
        if re.search(pattern, why, re.IGNORECASE):
            fill = {"slug": slug, "site": SITE, "reason": why.rstrip(".") + "."}
            return Fault(what.format(**fill), remedy.format(**fill))
    said = f' It says: "{why}"' if why else ""
    if status == 401:
        return _not_signed_in()
    if status in (403, 404) and not slug:
        return Unknown(
            f"The dataset or notebook does not exist on Kaggle, or is private ({status}).{said}",
            "Sign in with the account that owns it; `compete doctor` shows which credentials are "
            "used.",
        )
    if status == 403:
        return Fault(
            f"Kaggle forbids this (403).{said}",
            f"Join {slug} and accept its rules on {SITE}/competitions/{slug}/rules.",
        )
    if status == 404:
        return Fault(
            f"Kaggle has no competition {slug!r} (404).{said}",
            "Copy the last part of the competition's address to competition.slug in params.yaml.",
        )
    if status == 429:
        return Fault("Kaggle limits the rate of requests (429).", f"Wait some minutes. {AGAIN}")
    if status >= 500:
        return Unreachable(f"Kaggle had a server error ({status}).", f"Wait some minutes. {AGAIN}")
    return Fault(
        f"Kaggle refused the request ({status}).{said}",
        f"See {SITE}/{f'competitions/{slug}' if slug else 'code'}. {NEWER}",
    )


def reason(response: Any) -> tuple[int, str]:
    """Kaggle's code (0: none) and words in an error answer, in today's and the older shape."""
    try:
        body = response.json()
    except ValueError:
        return 0, ""
    error = body.get("error", body) if isinstance(body, dict) else body
    if not isinstance(error, dict):
        return 0, str(error or "").strip()
    code = error.get("code")
    return code if isinstance(code, int) else 0, str(error.get("message") or "").strip()


def no_credentials() -> Fault:
    """Return the Fault for a machine without any credentials."""
    return Fault("No Kaggle credentials were found.", credentials.HOW_TO_GET_ONE)


def _not_signed_in() -> Fault:
    there = credentials.found()
    if not there:
        return no_credentials()
    first, others = there[0], [c for c in there[1:] if c.kind != there[0].kind]
    if first.kind == "token" and others:
        return Fault(
            f"Kaggle does not accept the token in {first.place} (401), which takes precedence over "
            f"the {others[0].kind} in {others[0].place}.",
            f"Unset or remove {first.place}, or replace the token.",
        )
    return Fault(
        f"Kaggle does not accept the {first.kind} in {first.place} (401).",
        f"It may have expired. {credentials.HOW_TO_GET_ONE}",
    )
