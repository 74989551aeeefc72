"""The keys of `data` in params.yaml. A key of your own is a field here, read as `config.data`."""

from dataclasses import dataclass

from compete.tasks.generative.settings import GenerativeSettings


@dataclass(frozen=True, kw_only=True)
class Settings(GenerativeSettings):
    """The section `data` of params.yaml."""
