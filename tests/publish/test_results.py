"""Results of a borrowed machine come home by a draft of a release, which is no publication."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from github_stand_in import GitHub, serve

from compete.errors import Fault
from compete.portfolio.draft import attach

pytestmark = [
    pytest.mark.skipif(not shutil.which("gh"), reason="There is no gh on this machine."),
    pytest.mark.skipif(not shutil.which("openssl"), reason="There is no openssl here."),
    pytest.mark.skipif(sys.platform != "linux", reason="gh obeys SSL_CERT_FILE on Linux only."),
]


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    """A GitHub with a repository, in a clone of which the test works."""
    clone = tmp_path / "clone"
    subprocess.run(["git", "init", "--quiet", clone], check=True)
    monkeypatch.chdir(clone)
    add = ["git", "remote", "add", "origin"]
    subprocess.run([*add, "https://github.com/ada/titanic.git"], check=True)
    with serve(tmp_path) as served:
        served.repo = {"name": "titanic"}
        for name, value in served.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "cert.pem"))
        monkeypatch.setenv("GITHUB_API_URL", f"https://localhost:{served.port}/api/v3")
        monkeypatch.setenv("GITHUB_TOKEN", "token")
        yield served


def test_a_file_gets_into_the_draft_and_home_again(github: GitHub) -> None:
    for text in ("first", "second"):  # the same name again takes the place of the first
        Path("results.zip").write_text(text, encoding="utf-8")
        attach(Path("results.zip"))
    (release,) = github.releases.values()
    assert release["draft"]
    assert [one["name"] for one in release["assets"]] == ["results.zip"]
    home = [
        "gh",
        "release",
        "download",
        "results",
        "--repo",
        f"{github.environment['GH_HOST']}/ada/titanic",
    ]
    subprocess.run([*home, "--clobber"], check=True)
    assert Path("results.zip").read_text(encoding="utf-8") == "second"


def test_what_is_published_already_stays_as_it_is(github: GitHub) -> None:
    github.releases["results"] = {"tag_name": "results", "draft": False, "assets": []}
    Path("results.zip").write_bytes(b"x")
    with pytest.raises(Fault, match="published already"):
        attach(Path("results.zip"))
    assert not github.changes


def test_a_way_home_that_is_none_is_told(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("results.zip").write_bytes(b"x")
    github.repo = None
    with pytest.raises(Fault, match=r"refused: 404.*may write the contents of ada/titanic"):
        attach(Path("results.zip"))
    monkeypatch.delenv("GITHUB_TOKEN")
    with pytest.raises(Fault, match="GITHUB_TOKEN is not set"):
        attach(Path("results.zip"))
    with pytest.raises(Fault, match=r"no file other\.zip"):
        attach(Path("other.zip"))
    subprocess.run(["git", "remote", "set-url", "origin", "/srv/titanic.bundle"], check=True)
    with pytest.raises(Fault, match="not on GitHub"):
        attach(Path("results.zip"))
