"""Projects are read from folders and addresses; what is wrong with one is named, the rest read."""

import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from project_cards import NEW_CARD, OLD_CARD, Server, write_project

from portfolio_site import fetch as fetching
from portfolio_site.gather import Problem, Project, gather
from portfolio_site.settings import Source


def picture(kind: str = "PNG", size: tuple[int, int] = (64, 48)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "#0072b2").save(
        file, kind, exif=b"Exif\x00\x00secret", icc_profile=b"secret profile"
    )
    return file.getvalue()


def only(*places: str, folder: Path) -> tuple[list[Project], list[Problem]]:
    return gather([Source(place) for place in places], folder)


def test_a_project_in_a_folder_brings_its_picture_and_its_report(tmp_path: Path) -> None:
    write_project(tmp_path / "prices", NEW_CARD | {"links": {"report": "reports/index.html"}})
    [project], problems = only("prices", folder=tmp_path)
    assert problems == []
    assert project.report == b"<h1>Report</h1>"
    assert project.picture is not None
    shown = Image.open(io.BytesIO(project.picture))
    assert (shown.format, shown.size) == ("WEBP", (64, 48))


def test_the_card_may_be_named_itself(tmp_path: Path) -> None:
    write_project(tmp_path / "prices", NEW_CARD)
    [project], problems = only("prices/reports/card.json", folder=tmp_path)
    assert problems == []
    assert project.picture is not None


def test_each_broken_project_is_named_with_what_to_do_and_the_others_are_read(
    tmp_path: Path,
) -> None:
    write_project(tmp_path / "good", NEW_CARD)
    write_project(tmp_path / "broken", "{")
    write_project(tmp_path / "huge", NEW_CARD | {"result": "x" * 600_000})
    write_project(tmp_path / "blind", OLD_CARD | {"picture": "reports/none.png"})
    places = ["missing", "good", "broken", "huge", "blind"]
    projects, problems = only(*places, folder=tmp_path)
    assert [project.source.place for project in projects] == ["good", "blind"]
    assert [str(problem) for problem in problems] == [
        "missing: There is no file missing/reports/card.json."
        " Run `uv run compete report` in that project. It is left out.",
        "broken: Its card is not valid JSON."
        " Run `uv run compete report` in that project. It is left out.",
        "huge: card.json is larger than 500,000 bytes. Write a smaller one. It is left out.",
        "blind: Its picture reports/none.png is missing."
        " Run `uv run compete report` in that project. The rest of it is shown.",
    ]


def test_what_was_kept_is_shown_when_the_project_is_gone_or_broken(tmp_path: Path) -> None:
    folder = write_project(tmp_path / "prices", NEW_CARD)
    [before], _ = only("prices", folder=tmp_path)
    kept = {path: path.read_bytes() for path in (tmp_path / "cards").rglob("*") if path.is_file()}
    for change in (
        lambda: (folder / "reports/card.json").write_text("{"),
        lambda: folder.rename(tmp_path / "elsewhere"),
    ):
        change()
        [after], [problem] = only("prices", folder=tmp_path)
        assert (after.card, after.picture) == (before.card, before.picture)
        assert str(problem).endswith("The saved card is shown.")
        now = {
            path: path.read_bytes() for path in (tmp_path / "cards").rglob("*") if path.is_file()
        }
        assert now == kept


def test_a_project_that_is_not_listed_any_more_is_kept_no_more(tmp_path: Path) -> None:
    write_project(tmp_path / "prices", NEW_CARD)
    write_project(tmp_path / "digits", OLD_CARD)
    only("prices", "digits", folder=tmp_path)
    only("digits", folder=tmp_path)
    assert [path.name for path in (tmp_path / "cards").iterdir()] == ["digit-recognizer"]


def test_two_projects_of_one_competition_have_addresses_of_their_own(tmp_path: Path) -> None:
    write_project(tmp_path / "first", NEW_CARD)
    write_project(tmp_path / "second", NEW_CARD)
    projects, _ = only("first", "second", folder=tmp_path)
    assert [project.card.slug for project in projects] == ["house-prices", "house-prices-2"]


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_picture_out_of_the_project_is_not_read(tmp_path: Path) -> None:
    folder = write_project(tmp_path / "prices", NEW_CARD)
    (tmp_path / "secret.png").write_bytes(picture())
    (folder / "reports/plots/best.png").unlink()
    (folder / "reports/plots/best.png").symlink_to(tmp_path / "secret.png")
    [project], [problem] = only("prices", folder=tmp_path)
    assert project.picture is None
    assert "is missing" in str(problem)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no picture",
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        picture()[:60],
        picture(size=(7000, 7000)),
    ],
    ids=["empty", "text", "svg", "cut", "bomb"],
)
def test_a_picture_that_is_none_is_named_and_the_rest_is_shown(tmp_path: Path, data: bytes) -> None:
    folder = write_project(tmp_path / "prices", NEW_CARD)
    (folder / "reports/plots/best.png").write_bytes(data)
    [project], [problem] = only("prices", folder=tmp_path)
    assert project.picture is None
    assert "picture" in str(problem)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_only_the_pixels_of_a_picture_are_kept(tmp_path: Path, kind: str) -> None:
    folder = write_project(tmp_path / "prices", NEW_CARD)
    (folder / "reports/plots/best.png").write_bytes(picture(kind, (3000, 1000)) + b"secret")
    [project], problems = only("prices", folder=tmp_path)
    assert problems == []
    assert project.picture is not None
    assert b"secret" not in project.picture
    assert Image.open(io.BytesIO(project.picture)).size == (1280, 427)


def publish(server: Server, card: dict[str, object]) -> str:
    server.files |= {
        "/prices/card.json": json.dumps(card).encode(),
        "/prices/plots/best.png": picture(),
        "/prices/": b"<h1>Report</h1>",
    }
    return f"{server.address}/prices/"


def test_a_published_project_is_read_and_linked(tmp_path: Path, server: Server) -> None:
    address = publish(server, NEW_CARD)
    [project], problems = only(address, folder=tmp_path)
    assert problems == []
    assert project.picture is not None
    assert project.report is None
    assert project.card.links["report"] == address
    assert "model_card" not in project.card.links


def test_a_published_project_without_a_page_has_no_link_to_it(
    tmp_path: Path, server: Server
) -> None:
    address = publish(server, NEW_CARD)
    del server.files["/prices/"]
    [project], _ = only(address, folder=tmp_path)
    assert set(project.card.links) == {"code"}


def test_a_redirect_is_followed_as_long_as_it_is_https(tmp_path: Path, server: Server) -> None:
    publish(server, NEW_CARD)
    server.redirects = {
        "/moved/card.json": "/prices/card.json",
        "/plain/card.json": f"{server.address.replace('https', 'http')}/prices/card.json",
        "/local/card.json": "file:///etc/passwd",
        "/loop/card.json": "/loop/card.json",
    }
    places = [f"{server.address}/{name}" for name in ("moved", "plain", "local", "loop")]
    [project], problems = only(*places, folder=tmp_path)
    assert project.source.place == places[0]
    said = [str(problem) for problem in problems if problem.place != places[0]]
    assert ["is not an https address" in text for text in said] == [True, True, False]
    assert "redirects too often" in said[2]


def test_an_address_without_tls_is_not_asked(tmp_path: Path, server: Server) -> None:
    [], [problem] = only(publish(server, NEW_CARD).replace("https", "http"), folder=tmp_path)
    assert "is not an https address" in str(problem)
    assert server.asked == []


def test_what_is_not_there_too_large_or_too_slow_is_named(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 3.0)
    server.files["/large/card.json"] = b" " * 500_001
    server.redirects["/slow/card.json"] = "/drip"
    address = server.address
    places = [f"{address}/none", f"{address}/large", f"{address}/slow", "https://localhost:1/x"]
    [], problems = only(*places, folder=tmp_path)
    said = [str(problem) for problem in problems]
    assert "returned status 404" in said[0]
    assert "larger than 500,000 bytes" in said[1]
    assert "takes longer than" in said[2]
    assert "can't be reached (ConnectionError)" in said[3]


def test_a_server_that_is_not_who_it_says_is_not_trusted(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    [], [problem] = only(publish(server, NEW_CARD), folder=tmp_path)
    assert "can't be reached (SSLError)" in str(problem)
    assert server.asked == []


def test_links_of_projects_yaml_come_before_the_card_s(
    tmp_path: Path, portfolio: Callable[..., Path]
) -> None:
    write_project(tmp_path / "prices", NEW_CARD)
    source = Source("prices", {"demo": "https://ada.dev/", "code": "https://git.ada.dev/"})
    [project], _ = gather([source], tmp_path)
    assert project.card.links["demo"] == "https://ada.dev/"
    assert project.card.links["code"] == "https://git.ada.dev/"


def test_a_card_that_can_t_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "odd").write_text("a file where a folder should be", encoding="utf-8")
    write_project(tmp_path / "prices", NEW_CARD)
    name = "x" * 300  # longer than a name may be
    [project], problems = only("odd", name, "prices", folder=tmp_path)
    assert project.source.place == "prices"
    assert [problem.place for problem in problems] == ["odd", name]
