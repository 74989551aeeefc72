"""Writes how to cite the project, in the Citation File Format 1.2.0."""

from pathlib import Path

import yaml

from compete.files import write_text
from compete.portfolio.project_state import ProjectState

_CITATION = Path("CITATION.cff")


def write(state: ProjectState) -> None:
    """Write the citation, without unknown values."""
    metadata = state.metadata
    values = {
        "cff-version": "1.2.0",
        "message": "If you use this work, please cite it as below.",
        "type": "software",
        "title": metadata.name,
        "abstract": metadata.description,
        "authors": [_author(name) for name in metadata.authors],
        "version": metadata.version,
        "license": metadata.license,
        "repository-code": state.origin,
        "date-released": state.headline.time[:10] if state.headline else "",
    }
    known = {key: value for key, value in values.items() if value}
    write_text(_CITATION, yaml.safe_dump(known, sort_keys=False, allow_unicode=True))


def _author(name: str) -> dict[str, str]:
    given, _, family = name.rpartition(" ")
    return {"given-names": given, "family-names": family} if given else {"name": family}
