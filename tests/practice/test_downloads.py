"""Downloads through the official client: whole, resumed, and the same after a restart."""

import hashlib
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import practice_kaggle
from practice_kaggle.environment import overlaid

SIZE = 3 << 20  # the client writes blocks of 1 MiB
CUT = 2 << 20


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _with_noise(folder: Path, seed: int = 0) -> Path:
    """Write a data file that is too large for one block and can't be compressed."""
    path = folder / "data" / "noise.bin"
    path.write_bytes(np.random.default_rng(seed).bytes(SIZE))
    return path


def test_the_bundle_holds_every_data_file(playing: Any, tmp_path: Path) -> None:
    with playing() as (_, api, folder):
        api.competition_download_files("wines", str(tmp_path))
    with zipfile.ZipFile(tmp_path / "wines.zip") as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            assert archive.read(name) == (folder / "data" / name).read_bytes()
        assert len(archive.namelist()) == 3


def test_a_file_in_a_folder_can_be_fetched_alone(playing: Any, tmp_path: Path) -> None:
    with playing() as (_, api, _folder):
        api.competition_download_file("wines", "notes/origin.txt", str(tmp_path / "got"))
    (found,) = (tmp_path / "got").rglob("origin.txt")  # 2.2.4 leaves the folder out
    assert found.read_text(encoding="utf-8") == "Piedmont\n"


def test_single_files_can_come_zipped(playing: Any, tmp_path: Path) -> None:
    with playing(zip_single_files=True) as (_, api, folder):
        api.competition_download_file("wines", "test.csv", str(tmp_path))
    with zipfile.ZipFile(tmp_path / "test.csv.zip") as archive:
        assert archive.read("test.csv") == (folder / "data" / "test.csv").read_bytes()


def test_the_client_resumes_after_a_dropped_connection(playing: Any, tmp_path: Path) -> None:
    with playing(fail=f"Download=drop@{CUT}") as (server, api, folder):
        noise = _with_noise(folder)
        api.competition_download_file("wines", "noise.bin", str(tmp_path))
        downloads = [r for r in server.requests if r["method"] == "Download"]
    assert _digest(tmp_path / "noise.bin") == _digest(noise)
    assert downloads[0]["sent"] == CUT
    assert downloads[1]["range"].startswith("bytes=")
    assert downloads[1]["sent"] < SIZE


def _start_and_kill(server: practice_kaggle.Server, target: Path) -> None:
    """Run the real command until the download stands still, then kill it."""
    script = "import sys; from kaggle.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", script, "competitions", "download", "wines"]
    with subprocess.Popen(
        [*command, "-f", "noise.bin", "-p", str(target), "-q"],
        env=overlaid(os.environ, server.env),
    ) as process:
        partial = target / "noise.bin"
        while not (partial.exists() and partial.stat().st_size) and process.poll() is None:
            time.sleep(0.02)
        process.kill()
    assert 0 < partial.stat().st_size < SIZE


def test_a_killed_download_is_resumed_by_a_later_one(
    make_practice: Any, connect: Any, tmp_path: Path
) -> None:
    folder = make_practice()
    noise = _with_noise(folder)
    target = tmp_path / "got"
    with practice_kaggle.serve(folder, fail=f"Download=freeze@{CUT}") as server:
        _start_and_kill(server, target)
    with practice_kaggle.serve(folder) as server:  # even a restarted server knows its own file
        connect(server).competition_download_file("wines", "noise.bin", str(target))
        (download,) = [r for r in server.requests if r.get("range")]
    assert _digest(target / "noise.bin") == _digest(noise)
    assert download["status"] == 206


def test_a_partial_file_of_changed_data_is_fetched_anew(
    make_practice: Any, connect: Any, tmp_path: Path
) -> None:
    folder = make_practice()
    target = tmp_path / "got"
    noise = _with_noise(folder)
    with practice_kaggle.serve(folder, fail=f"Download=freeze@{CUT}") as server:
        _start_and_kill(server, target)
        _with_noise(folder, seed=1)
        os.utime(noise, (2_000_000_000, 2_000_000_000))
        connect(server).competition_download_file("wines", "noise.bin", str(target))
    assert _digest(target / "noise.bin") == _digest(noise)


def test_the_bundle_is_the_same_when_its_cache_is_lost(make_practice: Any) -> None:
    from practice_kaggle.datafiles import bundle

    folder = make_practice()
    first, second = (bundle(folder, folder / cache, "wines") for cache in ("one", "two"))
    assert _digest(first) == _digest(second)
    assert first.stat().st_mtime == second.stat().st_mtime
