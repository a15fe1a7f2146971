"""Second factors for the users of an SFTP door, and a client that answers questions."""

import json
from collections.abc import Sequence

import asyncssh
import pyotp
import pytest
from sqlalchemy import select

from innkeeper.actions.call import Call, user_target
from innkeeper.domain.events import Kind
from innkeeper.domain.factors import Factor
from innkeeper.domain.recovery import new_recovery_codes, recovery_digest
from innkeeper.domain.rights import Permit, Right
from innkeeper.domain.users import User
from innkeeper.domain.words import FactorId, FactorKind
from innkeeper.kit.ids import new_id
from innkeeper.store import factors
from innkeeper.store.sign_in_tables import mails
from tests.sftp_site import PASSWORD, SftpSite

# An address that nobody came from before.
ELSEWHERE = ("127.0.0.2", 0)
# Two ways to begin with the password.
WORDS = {"password": PASSWORD, "preferred_auth": "password,keyboard-interactive"}
ASKED = {"preferred_auth": "keyboard-interactive"}
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class Client(asyncssh.SSHClient):
    """Answers the questions of keyboard-interactive in turn, and remembers what was asked and told."""

    def __init__(self, *answers: str, new_passwords: Sequence[tuple[str, str]] = ()) -> None:
        self.answers = list(answers)
        self.new_passwords = list(new_passwords)
        self.asked: list[str] = []
        self.told: list[str] = []
        self.banners: list[tuple[str, str]] = []
        self.is_shown: list[bool] = []

    def kbdint_auth_requested(self) -> str | None:
        return "" if self.answers else None

    def kbdint_challenge_received(
        self, name: str, instructions: str, lang: str, prompts: Sequence[tuple[str, bool]]
    ) -> list[str] | None:
        self.asked += [prompt for prompt, _ in prompts]
        self.is_shown += [is_shown for _, is_shown in prompts]
        self.told += [instructions] if instructions else []
        if len(self.answers) < len(prompts):
            return None
        return [self.answers.pop(0) for _ in prompts]

    def password_change_requested(self, prompt: str, lang: str) -> tuple[str, str]:
        self.told.append(prompt)
        return self.new_passwords.pop(0) if self.new_passwords else NotImplemented

    def auth_banner_received(self, msg: str, lang: str) -> None:
        self.banners.append((msg, lang))


async def enter(door: SftpSite, username: str, client: Client, **options: object) -> Client:
    """Log in and look around; raises what asyncssh raises."""
    options = {"client_factory": lambda: client, **options}
    async with door.connect(username, **options) as connection, connection.start_sftp_client() as sftp:
        await sftp.listdir("/")
    return client


async def refused(door: SftpSite, username: str, client: Client, **options: object) -> Client:
    """The same where nobody gets in."""
    with pytest.raises(asyncssh.DisconnectError):
        await enter(door, username, client, **options)
    return client


def add_app(door: SftpSite, user: User) -> None:
    """An authenticator app, confirmed."""
    add_factor(door, user, FactorKind.TOTP)


def add_factor(door: SftpSite, user: User, kind: FactorKind) -> None:
    """A second factor of this kind, confirmed."""
    door.act(_add, user, kind)


def app_code(door: SftpSite) -> str:
    """What the app shows now."""
    return pyotp.TOTP(SECRET).at(door.clock())


def add_recovery_codes(door: SftpSite, user: User) -> tuple[str, ...]:
    """Ten fresh ones."""
    codes = new_recovery_codes()
    door.act(_add_codes, user, codes)
    return codes


def mailed_codes(door: SftpSite) -> list[str]:
    """The codes in the mails that wait, oldest first."""
    query = select(mails.c.sealed).order_by(mails.c.id)
    rows = door.calls.database.read_now(lambda unit: unit.rows(query))
    assert door.calls.vault is not None
    return [json.loads(door.calls.vault.open(row.sealed))["code"] for row in rows]


def _add(call: Call, user: User, kind: FactorKind) -> None:
    factor = Factor(
        id=FactorId(new_id()),
        user_id=user.id,
        kind=kind,
        name=kind.value,
        sealed_secret=call.seal(SECRET) if kind is FactorKind.TOTP else None,
        confirmed_at=call.now,
        created_at=call.now,
    )
    factors.insert_factor(call.unit, Permit(Right.CREDENTIAL_EDIT, call.actor), factor)
    call.record(Kind.FACTOR_ADDED, user_target(user), user_id=user.id)


def _add_codes(call: Call, user: User, codes: Sequence[str]) -> None:
    permit = Permit(Right.CREDENTIAL_EDIT, call.actor)
    digests = [digest for digest in map(recovery_digest, codes) if digest]
    factors.replace_recovery_codes(call.unit, permit, user.id, digests)
    call.record(Kind.FACTOR_ADDED, user_target(user), user_id=user.id)
