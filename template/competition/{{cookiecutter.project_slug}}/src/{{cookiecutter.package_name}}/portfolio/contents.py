"""Everything that git would hand over: each version of each file, and what archives hold."""

import gzip
import io
import subprocess
import tarfile
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..errors import Fault
from ..files import git

_DEEPEST = 3  # archives within archives
_LARGEST = 512 * 2**20  # bytes out of one archive: more is a bomb, or too much to publish anyway

_BROKEN = (OSError, EOFError, ValueError, RuntimeError, zipfile.BadZipFile, tarfile.TarError)


@dataclass(frozen=True)
class Blob:
    """One version of a file.

    Args:
        commit: that brought it, if it is not what lies in the working tree.
    """

    name: str
    content: bytes
    commit: str = ""


def from_disk(files: Iterable[Path]) -> Iterator[Blob]:
    """The files as they are; the names relative to the project."""
    for path in files:
        if path.is_file():
            yield Blob(path.as_posix(), path.read_bytes())


def from_git() -> Iterator[Blob]:
    """Every version of every file in every branch and tag, and what is staged.

    DVC's experiments and stashes are not: they are not pushed.

    Raises:
        Fault: there is no git repository.
    """
    if not git("rev-parse", "--git-dir"):
        raise Fault("There is no git repository here.", "Make one: `git init -b main`.")
    named = ("-c", "core.quotePath=off")
    found: dict[tuple[str, str], str] = {}  # the commit that brought a content under a name
    log = ("log", "--branches", "--tags", "--raw", "--no-abbrev", "--no-renames", "-m")
    commit = ""
    for line in git(*named, *log, "--format=%H").splitlines():
        if line.startswith(":"):
            facts, name = line.split("\t", 1)
            found[facts.split()[3], name] = commit
        elif line:
            commit = line
    for line in git(*named, "ls-files", "--stage").splitlines():
        facts, name = line.split("\t", 1)
        found[facts.split()[1], name] = ""
    names = defaultdict(list)
    for (digest, name), commit in found.items():
        names[digest].append((name, commit))
    for digest, content in _contents(list(names)):
        for name, commit in names[digest]:
            yield Blob(name, content, commit)


def _contents(digests: list[str]) -> Iterator[tuple[str, bytes]]:
    """What git keeps under these names; trees and commits are left out."""
    asked = "".join(f"{digest}\n" for digest in digests).encode()
    done = subprocess.run(["git", "cat-file", "--batch"], input=asked, capture_output=True)
    answer, at = done.stdout, 0
    while at < len(answer):
        end = answer.index(b"\n", at)
        digest, kind, *size = answer[at:end].decode().split()
        length = int(size[0]) if size else -1
        if kind == "blob":
            yield digest, answer[end + 1 : end + 1 + length]
        at = end + 2 + length


def unpacked(blob: Blob) -> Iterator[tuple[str, bytes]]:
    """The file itself, and all that lies in it if it is an archive, each with its inner path."""
    yield from _within("", blob.content, _DEEPEST)


def _within(path: str, content: bytes, deep: int) -> Iterator[tuple[str, bytes]]:
    yield path, content
    if not deep:
        return
    with suppress(*_BROKEN):
        for name, inner in _members(content):
            yield from _within(f"{path}:{name}", inner, deep - 1)


def _members(content: bytes) -> Iterator[tuple[str, bytes]]:
    file, left = io.BytesIO(content), _LARGEST
    if content.startswith(b"PK\3\4"):
        with zipfile.ZipFile(file) as archive:
            for entry in archive.infolist():
                left -= entry.file_size
                if not entry.is_dir() and left > 0:
                    yield entry.filename, archive.read(entry)
    elif content[257:262] == b"ustar":
        with tarfile.open(fileobj=file) as archive:
            for member in archive:
                if member.isfile() and (opened := archive.extractfile(member)):
                    yield member.name, opened.read(left)
    elif content.startswith(b"\x1f\x8b"):
        yield "unpacked", gzip.GzipFile(fileobj=file).read(left)
