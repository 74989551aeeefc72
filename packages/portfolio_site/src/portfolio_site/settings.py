"""`projects.yaml`: whose site it is, and which projects it shows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from portfolio_site.addresses import LINKS, https_address
from portfolio_site.errors import Fault

SETTINGS = Path("projects.yaml")
_PLACEHOLDERS = ("Your Name", "your-username")  # the template's defaults
_KEYS = {"name", "headline", "url", "links", "projects"}


@dataclass(frozen=True)
class Source:
    """Where a project is.

    Args:
        place: a folder, relative to that of `projects.yaml`, or an https address.
        links: addresses by name (`report`, `demo`, `code`, `model_card`) that replace the card's.
    """

    place: str
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_remote(self) -> bool:
        """Whether it is an address, not a folder."""
        return bool(re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", self.place))


@dataclass(frozen=True)
class Settings:
    """What `projects.yaml` says.

    Args:
        name: of the author.
        headline: what the author does, in a line.
        url: the address of the site, with a slash at its end.
        links: further addresses of the author, by the words that show them.
        projects: where the projects are.
    """

    name: str
    headline: str
    url: str
    links: Mapping[str, str]
    projects: tuple[Source, ...]

    @property
    def placeholders(self) -> list[str]:
        """A sentence for each default of the template that the author has not replaced."""
        written = " ".join([self.name, self.headline, self.url, *self.links.values()])
        return [
            f"{SETTINGS} still says {default!r}. Replace it with yours."
            for default in _PLACEHOLDERS
            if default in written
        ]


def read_settings(file: Path) -> Settings:
    """Return the settings in a file.

    Raises:
        Fault: the file is missing or broken, or a key in it is.
    """
    try:
        keys = yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Fault(
            f"There is no {file.name} here.", "Run the command in the portfolio's folder."
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Fault(f"{file.name} is not valid YAML: {error}.", "Fix that line.") from None
    if not isinstance(keys, dict):
        raise Fault(f"{file.name} contains no keys.", "Write it as `key: value` lines.")
    if unknown := sorted(map(str, keys.keys() - _KEYS)):
        raise _fault(unknown[0], "is not a key", f"Use only: {', '.join(sorted(_KEYS))}.")
    url = https_address(keys.get("url"))
    if not url:
        raise _fault("url", "is not an https address", "Set it to the address of the site.")
    projects = keys.get("projects") or []
    if not isinstance(projects, list):
        raise _fault("projects", "is not a list", "Begin each of its lines with `- `.")
    return Settings(
        name=_line(keys, "name"),
        headline=_line(keys, "headline"),
        url=url.rstrip("/") + "/",
        links={name: _address("links", name, to) for name, to in _mapping(keys, "links").items()},
        projects=tuple(map(_source, projects)),
    )


def _fault(key: str, what: str, remedy: str) -> Fault:
    return Fault(f"{SETTINGS}: {key} {what}.", remedy)


def _line(keys: Mapping[str, Any], key: str) -> str:
    value = keys.get(key)
    if not isinstance(value, str) or not value.strip():
        raise _fault(key, "is not text", "Write one line of text, in quotes if necessary.")
    return " ".join(value.split())


def _mapping(keys: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = keys.get(key) or {}
    if not isinstance(value, dict):
        raise _fault(
            key, "is not a list of names and addresses", "Write `name: https://...` lines."
        )
    return {str(name): to for name, to in value.items()}


def _address(key: str, name: str, value: Any) -> str:
    address = https_address(value)
    if not address:
        raise _fault(f"{key}.{name}", "is not an https address", "Write one, or remove the line.")
    return address


def _source(entry: Any) -> Source:
    if isinstance(entry, str) and entry.strip():
        return Source(entry.strip())
    if not isinstance(entry, dict) or not isinstance(place := entry.get("project"), str):
        raise _fault(
            "projects",
            f"contains {entry!r}, which is neither a folder nor an address",
            "Write `- ../my-project`, or `- project: ../my-project` and links below it.",
        )
    links = {str(key): value for key, value in entry.items() if key != "project"}
    if unknown := sorted(links.keys() - set(LINKS)):
        raise _fault(
            f"projects: {place}: {unknown[0]}", "is not a key", f"Use only: {', '.join(LINKS)}."
        )
    return Source(place.strip(), {name: _address(place, name, to) for name, to in links.items()})
