"""The keys by which clients recognise this server; made at the first start, kept for good."""

import os
from pathlib import Path

import asyncssh

# Ed25519 for everyone, RSA for file transfer products that know nothing newer.
_KINDS: dict[str, tuple[str, dict[str, object]]] = {
    "ssh_host_ed25519_key": ("ssh-ed25519", {}),
    "ssh_host_rsa_key": ("ssh-rsa", {"key_size": 3072}),
}


def host_keys(folder: Path) -> list[asyncssh.SSHKey]:
    """Read the host keys, and make those that are missing."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return [_key(folder / name, kind, options) for name, (kind, options) in _KINDS.items()]


def _key(path: Path, kind: str, options: dict[str, object]) -> asyncssh.SSHKey:
    if not path.exists():
        _write_once(path, asyncssh.generate_private_key(kind, comment="innkeeper", **options))
    return asyncssh.read_private_key(path)


def _write_once(path: Path, key: asyncssh.SSHKey) -> None:
    """Under another name first: a crash leaves no half key, and of two servers starting at once one wins."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.export_private_key("openssh"))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
