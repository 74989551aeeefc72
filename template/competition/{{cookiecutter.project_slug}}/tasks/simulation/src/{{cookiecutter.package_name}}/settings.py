"""The keys of `data` in params.yaml. Add your own as fields, and read them as `config.data`."""

from dataclasses import dataclass

from compete.tasks.simulation.settings import SimulationSettings


@dataclass(frozen=True, kw_only=True)
class Settings(SimulationSettings):
    """The section `data` of params.yaml."""
