"""Everything that git would push: each version of each file."""

import os
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from compete.portfolio.repository import require_repository


@dataclass(frozen=True)
class Blob:
    """One version of a file.

    Args:
        name: its path in the project.
        content: its bytes.
        commit: the one that brought it, empty for what is in the working tree or staged.
    """

    name: str
    content: bytes
    commit: str = ""


def from_disk(files: Iterable[Path]) -> Iterator[Blob]:
    """Yield files as they are on disk; `files` are relative to the project."""
    for path in files:
        if path.is_file():
            yield Blob(path.as_posix(), path.read_bytes())


def from_git() -> Iterator[Blob]:
    """Yield every version of every file in every branch and tag, and what is staged.

    DVC's experiments and stashes are left out, since they are not pushed.

    Raises:
        Fault: there is no git repository, or no git.
    """
    require_repository()
    names = defaultdict(list)
    for (digest, name), commit in _versions().items():
        names[digest].append((name, commit))
    for digest, content in _contents(list(names)):
        for name, commit in names[digest]:
            yield Blob(name, content, commit)


def _versions() -> dict[tuple[str, str], str]:
    """Return digest and name of each version of each file, with the commit that brought it."""
    found: dict[tuple[str, str], str] = {}
    log = ("log", "-z", "--branches", "--tags", "--raw", "--no-abbrev", "--no-renames", "-m")
    commit = ""
    fields = iter(_fields(*log, "--format=%H"))
    for field in fields:
        entry = field.lstrip("\n")
        if entry.startswith(":"):  # :MODE MODE DIGEST DIGEST STATUS, then the name
            found[entry.split()[3], next(fields)] = commit
        elif entry:
            commit = entry
    for field in _fields("ls-files", "-z", "--stage"):
        if field:
            entry, name = field.split("\t", 1)
            found[entry.split()[1], name] = ""
    return found


def _fields(*words: str) -> list[str]:
    """Return git's output, split at its zero bytes: names are in it as they are, unquoted."""
    done = subprocess.run(["git", *words], capture_output=True)
    return os.fsdecode(done.stdout).split("\0")


def _contents(digests: list[str]) -> Iterator[tuple[str, bytes]]:
    """Yield what git stores under these digests, without trees and commits."""
    wanted = "".join(f"{digest}\n" for digest in digests).encode()
    done = subprocess.run(["git", "cat-file", "--batch"], input=wanted, capture_output=True)
    output, start = done.stdout, 0
    while start < len(output):
        end = output.index(b"\n", start)
        digest, kind, *size = output[start:end].decode().split()
        length = int(size[0]) if size else -1  # a submodule's commit is missing here
        if kind == "blob":
            yield digest, output[end + 1 : end + 1 + length]
        start = end + 2 + length
