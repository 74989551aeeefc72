"""Archives from outside: what is a trick is refused, what is nested is unpacked."""

import struct
import zipfile
from pathlib import Path

import pytest

from .harness import Project

OURS = ("a.zip", "params.yaml", "contract.yaml", "sample.csv")
CALL = """
import sys
from pathlib import Path
from compete.errors import Fault
from compete.kaggle.unpack import unpack
try: print(unpack(Path("a.zip"), Path("out/inside")))
except Fault as fault: sys.exit(f"error: {fault}")
"""


def make(folder: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def packed(*members: tuple[str, bytes]) -> bytes:
    import io

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def files(project: Project) -> list[str]:
    out = project.folder
    return sorted(
        path.relative_to(out).as_posix()
        for path in out.rglob("*")
        if path.is_file()
        and path.name not in ("a.zip", "params.yaml", "contract.yaml", "sample.csv")
    )


@pytest.mark.parametrize(
    "name",
    [
        "../evil.txt",
        "/evil.txt",
        "a/../../evil.txt",
        "C:/evil.txt",
        "..\\evil.txt",
        "C:evil.txt",
        "\\\\host\\share\\evil.txt",
    ],
)
def test_names_that_lead_outside(project: Project, name: str) -> None:
    member = zipfile.ZipInfo("placeholder")
    member.filename = name  # ZipInfo would make it harmless
    make(project.folder, ("good.txt", b"1"), (member, b"evil"))
    project.python(CALL).assert_fault("points outside", "do not trust")
    assert not [found for found in files(project) if "evil" in found]


def test_symbolic_link(project: Project) -> None:
    link = zipfile.ZipInfo("link")
    link.create_system = 3
    link.external_attr = 0o120777 << 16
    make(project.folder, (link, b"/etc/passwd"))
    project.python(CALL).assert_fault("points outside")
    assert files(project) == []


def test_trick_inside_a_nested_archive(project: Project) -> None:
    make(project.folder, ("x.csv.zip", packed(("../../evil.txt", b"evil"))))
    project.python(CALL).assert_fault("points outside")
    assert not [found for found in files(project) if "evil" in found]


def test_archive_that_explodes(project: Project) -> None:
    path = project.folder / "a.zip"
    zeros = bytes(2**24)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("z", "w") as out:
        for _ in range(20):
            out.write(zeros)
    project.python(CALL).assert_fault("absurdly", "Inspect it")
    assert files(project) == []


def test_archive_that_lies_about_its_size(project: Project) -> None:
    path = make(project.folder, ("z", bytes(10_000)))
    content = path.read_bytes()
    path.write_bytes(content.replace(struct.pack("<I", 10_000), struct.pack("<I", 10)))
    project.python(CALL).assert_fault("damaged")


def test_name_twice(project: Project) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        make(project.folder, ("x", b"1"), ("x", b"2"))
    project.python(CALL).assert_fault("twice")


def test_cut_off_archive(project: Project) -> None:
    path = make(project.folder, ("x", b"1" * 1000))
    path.write_bytes(path.read_bytes()[:-30])
    project.python(CALL).assert_fault("damaged", "new copy")


def test_nested_archives(project: Project) -> None:
    make(
        project.folder,
        ("train.csv.zip", packed(("train.csv", b"a\n"))),
        ("images.zip", packed(("images/1.png", b"1"), ("images/2.png", b"2"))),
        ("loose.zip", packed(("1.png", b"1"), ("2.png", b"2"))),
        ("both.csv", b"b\n"),
        ("both.csv.zip", packed(("both.csv", b"b\n"))),
        ("dir/", b""),
    )
    done = project.python(CALL)
    assert done.out == "7\n", done.text
    assert files(project) == [
        f"out/inside/{name}"
        for name in (
            "both.csv",
            "both.csv.zip",
            "images/1.png",
            "images/2.png",
            "loose/1.png",
            "loose/2.png",
            "train.csv",
        )
    ]
