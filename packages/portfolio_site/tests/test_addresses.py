"""No address that hides something gets into a link, and no path leads out of a project."""

import pytest

from portfolio_site.addresses import https_address, relative_file
from portfolio_site.place import Place


@pytest.mark.parametrize(
    "value",
    [
        "",
        None,
        7,
        ["https://a.b"],
        "http://a.b/c",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "\x01javascript:alert(1)",
        " https://a.b",
        "https:\\\\a.b",
        "https://a.b\\@c.d",
        "https://user:secret@a.b",
        "https://a.b/\u0000",
        'https://a.b/"onclick="x',
        "https:///path",
        "https://[::1",
        "https://a.b:port/",
        "data:text/html,x",
        "file:///etc/passwd",
        "//a.b/c",
        "reports/index.html",
        "https://a.b/" + "x" * 2000,
    ],
)
def test_what_is_no_plain_https_address_is_left_out(value: object) -> None:
    assert https_address(value) == ""


def test_a_plain_address_is_kept_as_it_is() -> None:
    address = "https://ada.github.io:8443/a%20b/?c=d&e#f"
    assert https_address(address) == address


@pytest.mark.parametrize(
    "value",
    [
        "",
        None,
        "/etc/passwd",
        "../secret.png",
        "reports/../../secret.png",
        "reports//x.png",
        "./x.png",
        "C:/x.png",
        "reports\\x.png",
        "https://a.b/x.png",
        "reports/%2e%2e/x.png",
        "reports/x.png?y",
        "a\x00b",
    ],
)
def test_a_path_out_of_the_project_is_left_out(value: object) -> None:
    assert relative_file(value) == ""


def test_a_path_in_the_project_is_kept() -> None:
    assert relative_file("reports/plots/the best.png") == "reports/plots/the best.png"


def test_a_repository_on_github_shows_its_report_on_its_page() -> None:
    place = Place.of_address("https://github.com/Ada/house.prices.git")
    raw = "https://raw.githubusercontent.com/Ada/house.prices/HEAD/reports/"
    assert place.download("reports/plots/a b.png") == f"{raw}plots/a%20b.png"
    assert place.download("secret.png") == ""
    assert place.link("reports/index.html") == "https://ada.github.io/house.prices/"
    assert place.link("reports/demo/index.html") == "https://ada.github.io/house.prices/demo/"
    assert (
        place.link("MODEL_CARD.md") == "https://github.com/Ada/house.prices/blob/HEAD/MODEL_CARD.md"
    )


@pytest.mark.parametrize("address", ["https://a.b/p", "https://a.b/p/", "https://a.b/p/card.json"])
def test_a_page_has_its_files_beside_it(address: str) -> None:
    place = Place.of_address(address)
    assert place.download("reports/plots/best.png") == "https://a.b/p/plots/best.png"
    assert place.link("reports/index.html") == "https://a.b/p/"
    assert place.link("MODEL_CARD.md") == ""
