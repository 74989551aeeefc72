"""The keys of `data` in params.yaml. Add your own; data.py reads them as `self.settings`."""

from dataclasses import dataclass

from compete.tasks.image.settings import ImageSettings


@dataclass(frozen=True, kw_only=True)
class Settings(ImageSettings):
    """The section `data` of params.yaml."""
