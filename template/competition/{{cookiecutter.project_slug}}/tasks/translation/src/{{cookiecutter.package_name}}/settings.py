"""The keys of `data` in params.yaml. Add your own; data.py reads them as `self.settings`."""

from dataclasses import dataclass

from compete.tasks.translation.settings import TranslationSettings


@dataclass(frozen=True, kw_only=True)
class Settings(TranslationSettings):
    """The section `data` of params.yaml."""
