"""A security key made of software, behind an agent that OpenSSH asks: FIDO signatures without the device.

After OpenSSH's PROTOCOL.u2f and the agent protocol (draft-ietf-sshm-ssh-agent).
"""

import hashlib
import socket
import threading
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ALGORITHM = b"sk-ssh-ed25519@openssh.com"
APPLICATION = b"ssh:"
TOUCHED = 1
FAILURE, IDENTITIES_ANSWER, SIGN_RESPONSE = 5, 12, 14
REQUEST_IDENTITIES, SIGN_REQUEST = 11, 13


class SecurityKey:
    """One key pair; `is_touched`: somebody's finger is on it."""

    def __init__(self, *, is_touched: bool = True) -> None:
        self.flags = TOUCHED if is_touched else 0
        self._key = Ed25519PrivateKey.generate()
        self._counter = 0

    @property
    def blob(self) -> bytes:
        public = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return string(ALGORITHM) + string(public) + string(APPLICATION)

    def sign(self, data: bytes) -> bytes:
        self._counter += 1
        rest = bytes([self.flags]) + self._counter.to_bytes(4)
        signed = hashlib.sha256(APPLICATION).digest() + rest + hashlib.sha256(data).digest()
        return string(ALGORITHM) + string(self._key.sign(signed)) + rest


class Agent:
    """Listens on a socket as ssh-agent does, with this one key in it; to be used with `with`."""

    def __init__(self, key: SecurityKey, path: Path) -> None:
        self.path = path
        self._key = key
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "Agent":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as requests:
                while size := requests.read(4):
                    connection.sendall(string(self._answer(requests.read(int.from_bytes(size)))))

    def _answer(self, request: bytes) -> bytes:
        if request[0] == REQUEST_IDENTITIES:
            return bytes([IDENTITIES_ANSWER]) + (1).to_bytes(4) + string(self._key.blob) + string(b"finger")
        if request[0] == SIGN_REQUEST:
            _, rest = taken(request[1:])
            data, _ = taken(rest)
            return bytes([SIGN_RESPONSE]) + string(self._key.sign(data))
        return bytes([FAILURE])


def string(data: bytes) -> bytes:
    return len(data).to_bytes(4) + data


def taken(data: bytes) -> tuple[bytes, bytes]:
    size = int.from_bytes(data[:4])
    return data[4 : 4 + size], data[4 + size :]
