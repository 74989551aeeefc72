"""The keys of `data` in params.yaml. Add your own as fields, and read them as `config.data`."""

from dataclasses import dataclass

from compete.tasks.generative.settings import GenerativeSettings


@dataclass(frozen=True, kw_only=True)
class Settings(GenerativeSettings):
    """The section `data` of params.yaml."""
