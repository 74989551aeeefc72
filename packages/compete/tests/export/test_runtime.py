"""What the page runs on comes from npm by its lock, and is the very file that was chosen."""

import json
from pathlib import Path

import pytest

from compete.errors import Fault
from compete.export import runtime


def test_the_lock_names_versions_and_hashes_and_no_address() -> None:
    text = (runtime.WEB / "package-lock.json").read_text("utf-8")
    packages = json.loads(text)["packages"]
    asked = json.loads((runtime.WEB / "package.json").read_text("utf-8"))["dependencies"]
    assert "resolved" not in text
    assert "://" not in text
    for name, version in asked.items():
        found = packages[f"node_modules/{name}"]
        assert found["version"] == version
        assert found["integrity"].startswith("sha512-")
    assert {one.package for one in runtime.LIBRARIES.values()} == set(asked)


def test_without_npm_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(runtime, "user_cache_path", lambda *_, **__: tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Fault, match="npm is missing"):
        runtime.library("ort")


def test_another_file_than_the_chosen_one_is_refused_and_forgotten(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(runtime, "user_cache_path", lambda *_, **__: tmp_path)
    folder = runtime._cache()
    folder.mkdir()
    (folder / "ort").write_text("alert(1)")
    with pytest.raises(Fault, match="not the file"):
        runtime.library("ort")
    assert not folder.exists()
