"""The fields of each account on the demo site, as an administrator would type them."""

from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from innkeeper.demo.people import Person
from innkeeper.demo.stage import Stage

# Invited, and due so many days ago; they have not come to this day.
NEVER_CAME = {"maja.ilic": 15.0, "jiho.lee": 9.0}


def values_of(stage: Stage, person: Person) -> dict[str, Any]:
    """A person's fields, with new keys."""
    company = person.company
    values: dict[str, Any] = {
        "username": person.username,
        "name": person.name,
        "email": f"{person.username}@{company.domain}",
        "company": company.name,
        "language": company.language,
        "time_zone": company.time_zone,
        "groups": list(person.groups),
        "grants": list(person.grants),
        "ssh_keys": [new_public_key(f"{person.username}@laptop{n or ''}") for n in range(person.keys)],
        **person.more,
    }
    if values.get("authentication_method") not in ("email_signup", "none"):
        values["password"] = stage.passwords.get(person.username, stage.passwords[""])
    if person.until is not None:
        values["access_expires_at"] = (stage.now - timedelta(days=person.until)).isoformat()
    if person.username in NEVER_CAME:
        due = stage.now - timedelta(days=NEVER_CAME[person.username])
        values["require_login_by"] = due.isoformat()
    return values


def new_public_key(label: str) -> str:
    """A fresh Ed25519 public key line; nobody keeps the private half."""
    public = Ed25519PrivateKey.generate().public_key()
    return f"{public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()} {label}"
