"""Downloads small files over https, within a size and a time."""

import time
from urllib.parse import urljoin

import requests
from urllib3.exceptions import HTTPError

from portfolio_site.addresses import https_address
from portfolio_site.errors import Fault

SECONDS = 6.0
_REDIRECTS = 5
_HEADERS = {"User-Agent": "portfolio-site", "Accept-Encoding": "identity"}


def fetch(address: str, limit: int) -> bytes:
    """Return what lies at an https address.

    Args:
        address: where to begin; every address that it redirects to has to be https too.
        limit: the most bytes that are read.

    Raises:
        Fault: it is not https, not there, too large or too slow.
    """
    until = time.monotonic() + SECONDS
    try:
        for _ in range(_REDIRECTS):
            if not https_address(address):
                raise Fault(f"{address} is not an https address.", "Use an https address.")
            with requests.get(
                address, headers=_HEADERS, timeout=SECONDS / 2, stream=True, allow_redirects=False
            ) as answer:
                if answer.is_redirect:
                    address = urljoin(address, answer.headers["location"])
                    continue
                if answer.status_code != 200:
                    raise Fault(
                        f"{address} returned status {answer.status_code}.",
                        "Open it in a browser to check that the project is published there.",
                    )
                return _body(answer, address, limit, until)
    except (requests.RequestException, HTTPError) as error:
        raise Fault(
            f"{address} can't be reached ({type(error).__name__}).",
            "Open it in a browser to check it, then build again.",
        ) from None
    raise Fault(f"{address} redirects too often.", "Use the final address.")


def _body(answer: requests.Response, address: str, limit: int, until: float) -> bytes:
    body = bytearray()
    # One read of the socket at a time: `iter_content` would wait until a whole part is there.
    while part := answer.raw.read1(16_384, decode_content=False):
        body += part
        if len(body) > limit:
            raise Fault(f"{address} is larger than {limit:,} bytes.", "Publish a smaller file.")
        if time.monotonic() > until:
            raise Fault(f"{address} takes longer than {SECONDS:.0f} seconds.", "Build again later.")
    return bytes(body)


def is_there(address: str) -> bool:
    """Return whether something is shown at an https address."""
    try:
        with requests.get(address, headers=_HEADERS, timeout=SECONDS / 2, stream=True) as answer:
            return answer.status_code == 200 and answer.url.startswith("https:")
    except requests.RequestException:
        return False
