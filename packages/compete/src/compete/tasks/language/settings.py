"""The keys of `data` that decide how texts become tokens."""

from dataclasses import dataclass
from typing import ClassVar, Literal, TypeVar

from compete.supervised.settings import DataSettings


@dataclass(frozen=True, kw_only=True)
class TokenSettings(DataSettings):
    """The section `data` of params.yaml.

    Args:
        max_length: tokens at which a text is cut; `auto` leaves 99 of 100 whole, up to a limit.
    """

    token_keys: ClassVar[tuple[str, ...]] = ("max_length",)  # they decide what the tokens are

    max_length: int | Literal["auto"] = "auto"


TokenSettingsT = TypeVar("TokenSettingsT", bound=TokenSettings)
