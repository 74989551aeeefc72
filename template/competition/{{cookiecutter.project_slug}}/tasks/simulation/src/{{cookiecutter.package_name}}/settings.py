"""The keys of `data` in params.yaml. A key of your own is a field here, read as `config.data`."""

from dataclasses import dataclass

from compete.tasks.simulation.settings import SimulationSettings


@dataclass(frozen=True, kw_only=True)
class Settings(SimulationSettings):
    """The section `data` of params.yaml."""
