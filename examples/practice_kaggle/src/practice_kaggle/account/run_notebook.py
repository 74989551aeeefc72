"""Runs the cells of a notebook in one namespace: the program that a session's process executes.

It needs nothing but Python, since it runs in the environment that stands for Kaggle's image.
Lines that begin with `!` or `%pip` go to the shell, as in a notebook.
"""

import json
import linecache
import re
import socket
import struct
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

_SHELL = re.compile(r"^(\s*)(?:!|%(?=pip ))(.*)$", re.MULTILINE)


def main(notebook: str, offline: bool) -> int:
    """Return the exit code: 1 if a cell raised."""
    _start_loopback()
    if offline:
        _refuse_other_machines()
    content = json.loads(Path(notebook).read_text(encoding="utf-8"))
    namespace: dict[str, Any] = {"__name__": "__main__", "__shell__": _shell}
    for number, cell in enumerate(content["cells"], start=1):
        if cell["cell_type"] != "code":
            continue
        source = "".join(cell["source"])
        source = _SHELL.sub(lambda found: f"{found[1]}__shell__({found[2]!r})", source)
        name = f"<cell {number}>"
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        try:
            exec(compile(source, name, "exec"), namespace)
        except SystemExit as end:
            return int(bool(end.code))
        except BaseException:
            traceback.print_exc()
            return 1
    return 0


def _shell(command: str) -> None:
    words = f"{sys.executable} -m {command}" if command.startswith("pip ") else command
    if code := subprocess.run(words, shell=True).returncode:
        print(f"The command ended with exit code {code}: {command}", file=sys.stderr)


def _start_loopback() -> None:
    """In a network of its own, a process has no way even to itself until it is switched on."""
    try:
        import fcntl

        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            up = struct.pack("16sh", b"lo", 0x1 | 0x40)  # IFF_UP, IFF_RUNNING
            fcntl.ioctl(any_socket, 0x8914, up)  # SIOCSIFFLAGS
    except (ImportError, OSError):
        pass  # another system, or the network of the machine


def _refuse_other_machines() -> None:
    """Let Python's sockets reach this machine only, where the system can't cut the network off."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0])
            if not (host.startswith("127.") or host in ("::1", "localhost")):
                raise OSError(101, "Network is unreachable")
        connect(self, address)

    socket.socket.connect = guarded  # type: ignore


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2] == "offline"))
