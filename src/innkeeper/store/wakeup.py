"""Hears of commits on other nodes: PostgreSQL's LISTEN, in a thread of its own. Polling stands behind it."""

import contextlib
import threading
from collections.abc import Callable

import psycopg

CHANNEL = "innkeeper_events"
RETRY_SECONDS = 1.0


class Listener:
    """Calls `wake` whenever a node has recorded events; reconnects by itself."""

    def __init__(self, url: str, wake: Callable[[], object]) -> None:
        self._url = url
        self._wake = wake
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="listener", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._stopping.set()
        self._thread.join(timeout=5)

    def _serve(self) -> None:
        while not self._stopping.is_set():
            with contextlib.suppress(psycopg.Error):
                self._listen()
            self._stopping.wait(RETRY_SECONDS)

    def _listen(self) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            self._wake()
            while not self._stopping.is_set():
                for _ in connection.notifies(timeout=1.0):
                    self._wake()
