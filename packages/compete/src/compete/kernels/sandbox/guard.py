"""Keeps a process from what Kaggle does not have, and writes down what was tried.

That is the network, the files of this machine, and its inputs as a place to write. A `.pth` file of
the rehearsal's environment imports it in every process.
"""

import errno
import json
import os
import socket
import sys
import threading
from types import FrameType

VARIABLE = "COMPETE_REHEARSAL_GUARD"
_READS = {"open", "os.listdir", "os.scandir", "os.chdir"}
_WRITES = {"os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.truncate", "os.symlink"}
_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_PROBE = "192.0.2.1"  # by which runner.py finds out whether there is a network: nothing is there
_LOCAL = {"localhost", "::1", "0.0.0.0", "::", "", None, _PROBE}


def install() -> None:
    """Guard this process by what the environment variable says. Without it nothing happens."""
    told = os.environ.get(VARIABLE)
    if not told:
        return
    rules = json.loads(told)
    denied, allowed = (tuple(rules[key]) for key in ("denied", "allowed"))
    read_only = tuple(rules["read_only"])
    log = os.open(rules["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    busy = threading.local()
    names = {*_LOCAL, socket.gethostname()}

    def tell(kind: str, what: str) -> None:
        line = json.dumps({"kind": kind, "what": what, "where": _where()})
        os.write(log, f"{line}\n".encode())

    def under(path: str, folders: "tuple[str, ...]") -> bool:
        return any(path == one or path.startswith(one + os.sep) for one in folders)

    def check_path(event: str, args: "tuple[object, ...]") -> None:
        given = args[1] if event in ("os.rename", "os.symlink") else args[0]
        if not isinstance(given, str | bytes | os.PathLike):
            return  # a file that is open already
        path = os.path.abspath(os.fsdecode(given))
        if under(path, denied) and not under(path, allowed):
            tell("path", path)
            raise FileNotFoundError(errno.ENOENT, "There is no such file on Kaggle", path)
        flags = args[2] if event == "open" and len(args) > 2 else 0
        writes = event in _WRITES or (isinstance(flags, int) and bool(flags & _WRITE_FLAGS))
        if writes and under(path, read_only):
            if "__pycache__" not in path:
                tell("write", path)
            raise OSError(errno.EROFS, "Read-only file system", path)

    def check_host(host: object) -> None:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in names and not str(name).startswith("127."):
            tell("network", str(name))
            raise OSError(errno.ENETUNREACH, f"Kaggle gives no network: {name} can't be reached")

    def hook(event: str, args: "tuple[object, ...]") -> None:
        if getattr(busy, "on", False):
            return
        busy.on = True
        try:
            if event in _READS or event in _WRITES:
                check_path(event, args)
            elif event == "socket.getaddrinfo":
                check_host(args[0])
            elif event in ("socket.connect", "socket.sendto"):
                address = args[1]
                if isinstance(address, tuple):  # else it is a socket of this machine
                    check_host(address[0])
        finally:
            busy.on = False

    sys.addaudithook(hook)


def _where() -> str:
    """Return the line of the notebook, or of the project's code, that is at work."""
    frame: FrameType | None = sys._getframe()
    last = ""
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith("<cell"):
            return last or f"{name[1:-1]}, line {frame.f_lineno}"
        if not last and f"{os.sep}src{os.sep}" in name and "site-packages" not in name:
            last = f"{os.path.basename(name)}, line {frame.f_lineno}"
        frame = frame.f_back
    return last


install()
