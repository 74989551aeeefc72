"""The keys of `data` that decide how texts become tokens."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeVar

from typing_extensions import override

from compete.bounds import PositiveInt
from compete.files import PROCESSED, digest
from compete.supervised.settings import DataSettings


@dataclass(frozen=True, kw_only=True)
class TokenSettings(DataSettings):
    """The section `data` of params.yaml.

    Args:
        max_length: maximum number of tokens; longer texts are truncated. `auto` fits 99% of the
            texts, up to a limit.
    """

    token_keys: ClassVar[tuple[str, ...]] = ("max_length",)  # they decide what the tokens are

    max_length: PositiveInt | Literal["auto"] = "auto"

    def tokens_folder(self, model: Mapping[str, Any]) -> Path:
        """Return where the tokens lie for a member's backbone and what else decides the tokens.

        A fold that was trained names the folder itself as its backbone.

        Args:
            model: the section `model` of params.yaml.
        """
        backbone, weights = model["backbone"], model["weights"]
        if weights == "none" and Path(backbone).parent == PROCESSED:
            return Path(backbone)
        options = [getattr(self, key) for key in self.token_keys]
        return PROCESSED / f"tokens-{digest([json.dumps([backbone, weights, *options])])}"

    @override
    def facts(self, model: Mapping[str, Any]) -> list[Path]:
        return [*super().facts(model), *self.tokens_folder(model).glob("tokens.json")]


TokenSettingsT = TypeVar("TokenSettingsT", bound=TokenSettings)
