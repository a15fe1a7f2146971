"""A client program in a terminal of its own, whose questions are answered as a person would."""

import os
import select
import subprocess
import time
from types import TracebackType

from tests.programs import need
from tests.sftp_site import SftpSite

PATIENCE = 20.0


class Terminal:
    """Runs a command, and remembers everything that it showed."""

    def __init__(self, door: SftpSite, *command: str) -> None:
        self.shown = ""
        self._read_up_to = 0
        self._master, slave = os.openpty()
        environment = {**os.environ, "HOME": str(door.folder), "LC_ALL": "C.UTF-8"}
        for name in ("SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "DISPLAY"):
            environment.pop(name, None)
        self._process = subprocess.Popen(
            [need("setsid"), "--ctty", *command],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            cwd=door.folder,
        )
        os.close(slave)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._master)

    def answer(self, question: str, line: str) -> None:
        """Wait until this is asked, and type a line."""
        self.wait_for(question)
        os.write(self._master, f"{line}\n".encode())

    def wait_for(self, text: str) -> None:
        """Until this is shown, after what was waited for before."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.shown[self._read_up_to :]:
            assert time.monotonic() < deadline, f"{text!r} was not shown, but: {self.shown!r}"
            assert self._read(), f"it ended without {text!r}: {self.shown!r}"
        self._read_up_to = self.shown.index(text, self._read_up_to) + len(text)

    def end(self) -> int:
        """Until it ends by itself; answers its exit code."""
        deadline = time.monotonic() + PATIENCE
        while self._read():
            assert time.monotonic() < deadline, f"it did not end: {self.shown!r}"
        return self._process.wait(PATIENCE)

    def _read(self) -> bool:
        """A little more of what is shown; False at the end."""
        if not select.select([self._master], [], [], 0.2)[0]:
            return self._process.poll() is None
        try:
            self.shown += os.read(self._master, 4096).decode("utf-8", "replace")
        except OSError:
            return False
        return True


def sftp(door: SftpSite, user: str, *options: str) -> Terminal:
    """The sftp program of OpenSSH, as someone starts it who wants to see everything."""
    plain = ["-o", "LogLevel=INFO", *door.ssh_options(), *options]
    return Terminal(door, need("sftp"), *plain, "-P", str(door.port), f"{user}@127.0.0.1")
