"""Finds the image that a value of a table names, and refuses values that name several."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from compete.errors import Fault
from compete.files import file_digest

_SEPARATORS = "_-. "
_COMPARED = 20  # pairs of namesakes whose bytes are compared


class ImageIndex:
    """Finds the image that a value of a table names: a path, or a name with or without suffix.

    Args:
        raw: the folder of the competition's files.
        images: all images below it.
    """

    def __init__(self, raw: Path, images: list[Path]) -> None:
        self.raw, self.images = raw, images
        self.by_name: dict[str, list[Path]] = defaultdict(list)
        self.by_number: dict[str, list[Path]] = defaultdict(list)  # 1 for 0001.png
        for path in images:
            relative = path.relative_to(raw)
            for name in {
                *_tails(relative.as_posix()),
                *_tails(relative.with_suffix("").as_posix()),
            }:
                self.by_name[name].append(path)
            if path.stem.isdecimal():
                self.by_number[str(int(path.stem))].append(path)

    def find(self, value: object, split: str) -> Path | None:
        """Return the image for `value`; of several, the one in a folder named after the split."""
        found = self._all(value, split)
        return found[0] if found else None

    def refuse_namesakes(self, values: Iterable[object], split: str, source: str) -> None:
        """Raise `Fault` if a value names images in several folders that are not the same.

        Args:
            values: of the column that names images.
            split: `train` or `test`.
            source: of the column, to be named.
        """
        several = ((value, self._all(value, split)) for value in values)
        again = (item for item in several if len(item[1]) > 1)
        for _, (value, paths) in zip(range(_COMPARED), again, strict=False):
            if len({file_digest(path) for path in paths}) > 1:
                raise Fault(
                    f"Several images go by {str(value)!r} in {source}: {self._shown(paths)}.",
                    f"Write a table whose column holds the path of the right one below {self.raw}, "
                    f"and name it by `{split}_table:` under `competition` in params.yaml.",
                )

    def refuse_several(
        self, values: Iterable[object], split: str, column: str, source: str
    ) -> None:
        """Raise `Fault` if values name several images each, by a folder or by how names begin.

        Args:
            values: of a column.
            split: `train` or `test`.
            column: its name.
            source: its file, to be named.
        """
        for value in values:
            paths = self._near(self._groups.get(str(value), []), split)
            if len(paths) > 1:
                raise Fault(
                    f"Each {column!r} of {source} has several images, as {str(value)!r} has "
                    f"{self._shown(paths)}; one row is one image.",
                    "Write tables with a row for each image: train, test, and a sample whose first "
                    "column names the image as both of them do; name them by `train_table:`, "
                    "`test_table:` and `sample_table:` under `competition` in params.yaml. Keep "
                    f"{column!r} in train, with `group_column: {column}` under `data`. Before "
                    "`compete submit` make one row of those that belong together.",
                )

    @cached_property
    def _groups(self) -> dict[str, list[Path]]:
        """The images that lie in a folder of a name, or whose names begin with it."""
        found: dict[str, list[Path]] = defaultdict(list)
        for path in self.images:
            stem = path.stem
            ends = (at for at, letter in enumerate(stem) if at and letter in _SEPARATORS)
            folders = path.relative_to(self.raw).parts[:-1]
            for name in {*folders, *(stem[:end] for end in ends)}:
                found[name].append(path)
        return found

    def _all(self, value: object, split: str) -> list[Path]:
        names = _tails(str(value).replace("\\", "/"))
        found = next((self.by_name[name] for name in names if name in self.by_name), [])
        return self._near(found or self.by_number.get(names[-1], []), split)

    def _near(self, paths: list[Path], split: str) -> list[Path]:
        """Return those in a folder named after the split, else those not in the other's."""
        other = "test" if split == "train" else "train"
        near = [path for path in paths if self._folder_has(path, split)]
        return near or [path for path in paths if not self._folder_has(path, other)]

    def _folder_has(self, path: Path, word: str) -> bool:
        return any(word in part.lower() for part in path.relative_to(self.raw).parts[:-1])

    def _shown(self, paths: list[Path]) -> str:
        names = [path.relative_to(self.raw).as_posix() for path in paths]
        return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")


def _tails(name: str) -> list[str]:
    """Return the path `a/b/c` and its ends `b/c` and `c`, the longest first."""
    parts = name.split("/")
    return ["/".join(parts[start:]) for start in range(len(parts))]
