"""Downloads the competition's data: `data/raw` is complete or absent, and a killed run resumes."""

import json
import shutil
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from compete.files import RAW, RECORD, note, write_json
from compete.kaggle import client
from compete.kaggle.http_errors import Unreachable
from compete.kaggle.unpack import Damaged, require_room, unpack


def download(slug: str, raw: Path = RAW, record: Path = RECORD) -> None:
    """Bring `raw` and `record` up to date with Kaggle; do nothing if they are.

    Beside them lies `.download/`: the archive while it is fetched, and a manifest of what `raw`
    was unpacked from.
    """
    cache = raw.parent / ".download"
    archive, manifest = cache / "data.zip", cache / "manifest.json"
    held = _held(slug, raw, manifest)
    try:
        about = client.competition(slug)
        files, page = client.files(slug), client.evaluation_page(slug)
    except Unreachable as fault:
        if held is None or not record.exists():
            raise
        note(f"{fault.what} The existing data is kept.")
        return
    listed = [asdict(file) for file in files]
    if held == listed:
        note(f"{raw} already contains the data of {slug}.")
    else:
        cache.mkdir(parents=True, exist_ok=True)
        expected = sum(file.bytes for file in files)
        require_room(cache, expected)
        client.download(
            slug,
            archive,
            room=lambda coming: require_room(cache, coming + expected),
            progress=sys.stderr.isatty(),
        )
        staged = cache / "unpacked"
        shutil.rmtree(staged, ignore_errors=True)
        try:
            count = unpack(archive, staged)
        except Damaged:
            archive.unlink()
            raise
        before = _set_aside(raw, cache / "before")
        # written while `raw` is absent, so that it never speaks of another folder
        write_json(manifest, {"slug": slug, "files": listed, "unpacked": _measure(staged)})
        staged.replace(raw)
        if before:
            note(f"What {raw} held before, and did not come from Kaggle alone, is in {before}.")
        note(f"{raw} holds the {count} files of {slug}.")
    kept = replace(about.record(files), evaluation=page)
    if _read(record) != asdict(kept):
        kept.write(record)
    archive.unlink(missing_ok=True)


def _held(slug: str, raw: Path, manifest: Path) -> list[dict[str, Any]] | None:
    """Return the list of files that `raw` was unpacked from, if they are still there."""
    known = _read(manifest)
    if known.get("slug") != slug or not raw.is_dir():
        return None
    now, then = _measure(raw), known["unpacked"]
    # more than was unpacked is the user's, and no reason to fetch all of it again
    return known["files"] if all(now[key] >= then[key] for key in then) else None


def _set_aside(raw: Path, aside: Path) -> Path | None:
    """Moves `raw` out of the way; returns where, if it holds what cannot be fetched again."""
    if not raw.exists():
        return None
    name, number = aside.name, 1
    while aside.exists():  # with what an earlier download set aside
        number += 1
        aside = aside.with_name(f"{name}-{number}")
    raw.replace(aside)
    if _read(aside.parent / "manifest.json").get("unpacked") != _measure(aside):
        return aside
    shutil.rmtree(aside)
    return None


def _measure(folder: Path) -> dict[str, int]:
    """Return the number of files below a folder, and their bytes."""
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return {"files": len(sizes), "bytes": sum(sizes)}


def _read(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        return value if isinstance(value, dict) else {}
    except (OSError, ValueError):
        return {}
