"""An agent's way to Kaggle: validated, sent once, rated; lost games are fetched."""

import json
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import practice_kaggle
import pytest
import yaml
from fork_server import Launcher

from compete.tasks.simulation.agent_files import ARCHIVE, pack

from .harness import Project

LEFT = "def agent(observation):\n    return observation.board.index(0)\n"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[practice_kaggle.Server]:
    """ConnectX against an agent that wins."""
    folder = tmp_path_factory.mktemp("connectx")
    (folder / "data").mkdir()
    settings = {"slug": "connectx", "environment": "connectx", "ladder": ["negamax"], "episodes": 2}
    text = yaml.safe_dump(settings | {"scoring_seconds": 0.05, "max_daily_submissions": 5})
    (folder / "competition.yaml").write_text(text, encoding="utf-8")
    host = practice_kaggle.HostOptions(processing_seconds=0)
    with practice_kaggle.serve(folder, host=host) as server:
        yield server


@pytest.fixture
def project(
    tmp_path: Path,
    launcher: Launcher,
    authors: Callable[[str], Path],
    site: practice_kaggle.Server,
) -> Project:
    """A project whose contract is known, with an agent that loses."""
    folder = tmp_path / "project"
    (folder / "submissions").mkdir(parents=True)
    params = {"competition": {"slug": "connectx"}, "data": {"environment": "connectx"}}
    (folder / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    (folder / "submissions/main.py").write_text(LEFT, encoding="utf-8")
    made = Project(folder, launcher, site.env, seconds=10, author=authors("simulation"))
    outcome = made.compete("prepare")
    assert outcome.code == 0, outcome.text
    return made


def games(project: Project, count: int) -> list[dict[str, Any]]:
    """The games of the only submission, as soon as there are so many."""
    end = time.monotonic() + 60
    while True:
        outcome = project.compete("status", "--json")
        assert outcome.code == 0, outcome.text
        (entry,) = json.loads(outcome.out)
        if len(entry["games"]) >= count or time.monotonic() > end:
            assert entry["state"] == "complete"
            return list(entry["games"])
        time.sleep(0.2)


def test_an_agent_is_validated_sent_once_and_rated(
    project: Project, site: practice_kaggle.Server
) -> None:
    bad = project.folder / "submissions/bad.py"
    bad.write_text("import lightning\n" + LEFT, encoding="utf-8")
    refused = project.compete("submit", str(bad))
    assert refused.code == 1
    last = refused.err.splitlines()[-1]
    assert last.startswith("error: Kaggle would reject")
    assert "it imports lightning, which Kaggle's image lacks" in last
    validated = project.compete("validate", str(bad))
    assert validated.code == 1
    assert "fault: it crashes" in validated.out
    assert not project.ledger()

    sent = project.compete("submit", "-m", "fills columns")
    assert sent.code == 0, sent.text
    again = project.compete("submit")
    assert "was validated before" in again.err
    assert "The same file was submitted" in again.err
    (entry,) = project.ledger()
    assert (entry["state"], entry["file"]) == ("complete", "submissions/main.py")

    lost = [game for game in games(project, 2) if game["result"] == "lost"]
    assert len(lost) == 2
    folder = project.folder / "data/episodes" / str(entry["ref"])
    for game in lost:
        number = game["episode"]
        replay = json.loads((folder / f"episode-{number}-replay.json").read_text())
        assert replay["info"]["EpisodeId"] == number
        assert (folder / f"episode-{number}-agent-{game['seat']}-logs.json").exists()
    shown = project.compete("status")
    assert [line.split() for line in shown.out.splitlines() if "Negamax" in line] == [
        ["Negamax", "2"]
    ]
    kept = json.loads((project.folder / "submissions/games.json").read_text(encoding="utf-8"))
    assert kept["against"] == {str(entry["ref"]): {"Negamax": [0, 0, 2, 0]}}
    (rated,) = project.ledger()
    assert rated["public"] < 600


def test_a_notebook_hands_over_the_agent_that_is_here(
    project: Project, site: practice_kaggle.Server
) -> None:
    """Build, rehearse, push, submit: Kaggle gets the file that `compete submit` would send."""
    useless = project.compete("kernel", "build", "--half")
    useless.assert_fault("hands over a finished file", "leave them out")
    agent = pack({"main.py": f"import helper\n{LEFT}".encode(), "helper.py": b""})
    (project.folder / ARCHIVE).write_bytes(agent)
    assert project.compete("kernel", "build").code == 0
    rehearsed = project.compete("kernel", "rehearse", "--json")
    assert rehearsed.code == 0, rehearsed.text
    found = json.loads(rehearsed.out)
    assert (found["faults"], found["warnings"]) == ([], [])
    assert found["checked"].startswith("a game against itself")
    manifest = project.folder / "kernel/dataset/MANIFEST.json"
    listed = json.loads(manifest.read_text(encoding="utf-8"))["files"]
    assert set(listed) == {"submission.base64"}  # not what `push` writes the user's name into
    for words in (("kernel", "push"), ("kernel", "submit", "-m", "from a notebook")):
        done = project.compete(*words)
        assert done.code == 0, done.text
    (entry,) = project.ledger()
    assert (entry["state"], entry["file"]) == ("complete", "submission.tar.gz")
    assert entry["kernel"].startswith("practice/")
    assert entry["sha256"] == sha256(agent).hexdigest()  # by which the report knows it
    connectx = site.site.competitions["connectx"]
    token = next(s.token for s in connectx.submissions() if s.ref == entry["ref"])
    assert connectx.db.uploaded(token).read_bytes() == agent
    (project.folder / ARCHIVE).write_bytes(pack({"main.py": LEFT.encode()}))
    stale = project.compete("kernel", "rehearse")
    assert "submission.tar.gz is another one than when the notebook was built" in stale.out


def test_without_a_way_to_kaggle_the_ledger_is_shown(project: Project) -> None:
    entry = {"tag": "t", "time": "2026-01-01T00:00:00", "slug": "connectx", "ref": 77}
    line = entry | {"file": "submissions/main.py", "sha256": "", "state": "complete"}
    path = project.folder / "submissions/ledger.jsonl"
    path.write_text(json.dumps(line) + "\n", encoding="utf-8")
    shown = project.compete("status")
    assert shown.code == 0, shown.text
    assert "The episodes of submission 77 could not be fetched" in shown.err
