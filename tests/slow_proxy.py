"""A line to a server that can be made slow while it is in use."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress


class SlowProxy:
    """Passes on what comes, each piece from the server after `delay` seconds."""

    def __init__(self, target: int) -> None:
        self.delay = 0.0
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._lines: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> "SlowProxy":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def cut(self) -> None:
        """Break every connection, and let none in."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for a connection
        self._listener.close()
        for line in self._lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                self._lines.append(near)
                far = socket.create_connection(("127.0.0.1", self._target))
                threading.Thread(target=self._pass, args=(near, far, lambda: 0.0), daemon=True).start()
                threading.Thread(target=self._pass, args=(far, near, self._late), daemon=True).start()

    def _late(self) -> float:
        return self.delay

    def _pass(self, source: socket.socket, sink: socket.socket, late: Callable[[], float]) -> None:
        with suppress(OSError), sink:
            while data := source.recv(256 * 1024):
                time.sleep(late())
                sink.sendall(data)
