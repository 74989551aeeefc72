"""The keys of `data` in params.yaml. Add your own; data.py reads them as `self.settings`."""

from dataclasses import dataclass

from compete.tasks.text.settings import TextSettings


@dataclass(frozen=True, kw_only=True)
class Settings(TextSettings):
    """The section `data` of params.yaml."""
