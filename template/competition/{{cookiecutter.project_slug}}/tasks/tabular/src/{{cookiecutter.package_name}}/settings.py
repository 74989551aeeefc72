"""The keys of `data` in params.yaml. Add your own; data.py reads them as `self.settings`."""

from dataclasses import dataclass

from compete.tasks.tabular.settings import TabularSettings


@dataclass(frozen=True, kw_only=True)
class Settings(TabularSettings):
    """The section `data` of params.yaml."""
