"""Unpacking archives from outside: whole, only below one folder, and no larger than they claim."""

import shutil
import stat
import zlib
from pathlib import Path, PurePosixPath, PureWindowsPath
from zipfile import BadZipFile, ZipFile, ZipInfo

from rich.console import Console
from rich.progress import track

from compete.errors import Fault

LARGEST_RATIO = 200  # unpacked to packed bytes; CSV files seldom exceed 20
SMALL = 200 * 2**20  # bytes that no ratio is held against
SPARE = 50 * 2**20  # bytes that stay free on the disk


class Damaged(Fault):
    """An archive that cannot be read."""

    def __init__(self, archive: Path, why: str) -> None:
        super().__init__(
            f"{archive.name} is damaged ({why}).",
            "Run the same command again: it downloads a new copy.",
        )


def require_room(folder: Path, needed: int) -> None:
    """Raise `Fault` if `needed` bytes do not fit on the disk of `folder`."""
    free = shutil.disk_usage(folder).free
    if needed + SPARE > free:
        raise Fault(
            f"The data needs {_size(needed)} on the disk of {folder}, and {_size(free)} are free.",
            "Free some space and run the same command again; it resumes where it stopped.",
        )


def unpack(archive: Path, folder: Path) -> int:
    """Unpack a zip file and the zip files in it into `folder`; return the number of files.

    Raises `Damaged` for an archive that cannot be read, `Fault` for one whose names or sizes are
    a trick.
    """
    count = _unpack(archive, folder)
    for inner in sorted(folder.rglob("*.zip")):
        count += unpack_inside(inner)
    return count


def unpack_inside(inner: Path) -> int:
    """Unpack a zip file beside itself and remove it; return how many files more there are.

    Raises as `unpack` does.
    """
    # train.csv.zip holds train.csv; images.zip may hold one folder, or a thousand loose files
    with _opened(inner) as content:
        tops = {_safe(member, inner).parts[:1] for member in content.infolist()}
    top = inner.parent.joinpath(*next(iter(tops), ()))
    if len(tops) == 1 and top.exists():
        return 0  # both x.csv and x.csv.zip were there
    count = _unpack(inner, inner.parent if len(tops) == 1 else inner.with_suffix(""))
    inner.unlink()
    return count - 1


def _unpack(archive: Path, folder: Path) -> int:
    with _opened(archive) as content:
        members = [member for member in content.infolist() if not member.is_dir()]
        total = sum(member.file_size for member in members)
        if total > SMALL + LARGEST_RATIO * archive.stat().st_size:
            raise Fault(
                f"{archive.name} claims to unpack to {_size(total)}, absurdly more than its own "
                f"{_size(archive.stat().st_size)}.",
                "Inspect it before you trust it.",
            )
        folder.mkdir(parents=True, exist_ok=True)
        require_room(folder, total)
        screen = Console(stderr=True)
        quiet = not screen.is_terminal
        for member in track(members, "Unpacking", console=screen, transient=True, disable=quiet):
            target = folder / _safe(member, archive)
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                with content.open(member) as source, target.open("xb") as out:
                    shutil.copyfileobj(source, out, 2**20)
            except FileExistsError:
                raise Fault(
                    f"{archive.name} holds {member.filename!r} twice, or in two spellings that "
                    "this disk cannot tell apart.",
                    "Unpack it by hand into data/raw.",
                ) from None
            except OSError as error:
                raise Fault(
                    f"{member.filename!r} of {archive.name} cannot be written: {error.strerror}.",
                    "Fix that and run the same command again; nothing is fetched twice.",
                ) from error
            except (BadZipFile, EOFError, RuntimeError, zlib.error) as error:
                raise Damaged(archive, f"{member.filename!r}: {error}") from error
    return len(members)


def _opened(archive: Path) -> ZipFile:
    try:
        return ZipFile(archive)
    except BadZipFile as error:
        raise Damaged(archive, str(error)) from None


def _safe(member: ZipInfo, archive: Path) -> PurePosixPath:
    name = member.filename
    path = PurePosixPath(name)
    windows = PureWindowsPath(name)  # also splits at backslashes and sees drive letters
    if (
        path.is_absolute()
        or windows.drive
        or windows.root
        or ".." in windows.parts
        or stat.S_ISLNK(member.external_attr >> 16)
    ):
        raise Fault(
            f"{archive.name} holds {name!r}, which points outside the folder it is unpacked into.",
            "Nothing was unpacked. Do not trust this archive.",
        )
    return path


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"
