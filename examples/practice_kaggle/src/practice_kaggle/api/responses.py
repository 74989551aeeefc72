"""What a method of the API returns."""

from dataclasses import dataclass

from ..serialization import Json

# A host of its own, as on Kaggle: a redirect to another host drops the credentials.
STORAGE = "http://storage.localhost"


@dataclass(frozen=True)
class Redirect:
    """302 to a file of the storage host."""

    url: str


@dataclass(frozen=True)
class Content:
    """200 with bytes that are not JSON."""

    content: bytes
    media_type: str


Reply = Json | Redirect | Content
