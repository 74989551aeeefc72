"""What is wrong in projects.yaml is named by its key."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portfolio_site.errors import Fault
from portfolio_site.settings import Source, read_settings

Portfolio = Callable[..., Path]


def test_projects_are_folders_addresses_or_either_with_links(portfolio: Portfolio) -> None:
    entry = {"project": "https://a.b/c", "demo": "https://a.b/d"}
    folder = portfolio("../digits", "C:/digits", entry)
    settings = read_settings(folder / "projects.yaml")
    assert settings.url == "https://ada.github.io/portfolio/"
    assert [source.is_remote for source in settings.projects] == [False, False, True]
    assert settings.projects[2] == Source("https://a.b/c", {"demo": "https://a.b/d"})


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"name": None}, "name is not text"),
        ({"headline": ["x"]}, "headline is not text"),
        ({"url": "http://a.b"}, "url is not an https address"),
        ({"links": ["x"]}, "links is not a list"),
        ({"links": {"Mail": "mailto:a@b.c"}}, "links.Mail is not an https address"),
        ({"projects": "x"}, "projects is not a list"),
        ({"projects": [7]}, "projects contains 7"),
        ({"projects": [{"project": "x", "size": "y"}]}, "projects: x: size is not a key"),
        ({"projects": [{"project": "x", "demo": "javascript:x"}]}, "x.demo is not an https"),
        ({"theme": "dark"}, "theme is not a key"),
    ],
)
def test_a_wrong_key_is_named(portfolio: Portfolio, keys: dict[str, Any], said: str) -> None:
    with pytest.raises(Fault, match=said):
        read_settings(portfolio(**keys) / "projects.yaml")


@pytest.mark.parametrize(
    ("text", "said"),
    [("a: [", "not valid YAML"), ("- x", "contains no keys"), ("", "contains no keys")],
)
def test_a_broken_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "projects.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(Fault, match=said):
        read_settings(tmp_path / "projects.yaml")
