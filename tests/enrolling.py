"""Setting up second factors for the cast: an app, a key, a mailbox."""

import json
from datetime import datetime
from typing import Any

import pyotp

from innkeeper.actions import enrolment, events, factors, key_enrolment
from innkeeper.actions.actors import Caller
from innkeeper.actions.call import Call
from innkeeper.actions.calls import Calls
from innkeeper.actions.enrolment import Enrolled
from innkeeper.actions.second_steps import KeyAnswer
from innkeeper.domain.events import Recorded
from innkeeper.domain.factors import Factor
from innkeeper.domain.mails import MailKind
from innkeeper.domain.passkeys import RelyingParty, Wish
from innkeeper.domain.queries import EventQuery
from innkeeper.domain.rights import Reach, Scope
from innkeeper.domain.users import User
from innkeeper.store import mails
from tests.authenticator import ORIGIN, Authenticator

SITE = RelyingParty("files.example.org", "Innkeeper", ORIGIN)
STAGE = Caller("test", system_name="test")
STRANGER = Caller("web", "192.0.2.7")


def code_of(secret: str, now: datetime) -> str:
    return pyotp.TOTP(secret).at(now)


def enrol_app(calls: Calls, caller: Caller, user: User, name: str = "Phone") -> tuple[Enrolled, str]:
    """A confirmed app, and its secret."""
    begun = calls.write_now(caller, enrolment.begin_app, user.id, name)
    assert begun.secret is not None
    code = code_of(begun.secret, begun.factor.created_at)
    return calls.write_now(caller, enrolment.confirm, begun.factor.id, code), begun.secret


def enrol_key(
    calls: Calls,
    caller: Caller,
    user: User,
    key: Authenticator,
    wish: Wish = Wish.PASSKEY,
    name: str = "YubiKey",
) -> Enrolled:
    """A key that the user's browser has made."""
    options, challenge = calls.write_now(caller, key_enrolment.begin, user.id, wish, SITE)
    answer = KeyAnswer(key.create(options), challenge, SITE)
    return calls.write_now(caller, key_enrolment.finish, user.id, answer, name=name)


def enrol_email(calls: Calls, caller: Caller, user: User) -> Enrolled:
    """Codes by e-mail, confirmed with the one that came."""
    begun = calls.write_now(caller, enrolment.begin_email, user.id, "Mailbox")
    return calls.write_now(caller, enrolment.confirm, begun.factor.id, mailed_code(calls))


def mailed_code(calls: Calls) -> str:
    """The code in the newest mail."""

    def read(call: Call) -> str:
        page = mails.page(call.unit, Scope(Reach.ANYONE))
        newest = next(mail for mail in page.items if mail.kind is MailKind.EMAIL_CODE)
        return str(json.loads(call.unseal(newest.sealed or ""))["code"])

    return calls.read_now(STAGE, read)


def mail_kinds(calls: Calls) -> list[str]:
    """What was mailed, oldest first."""

    def read(call: Call) -> list[str]:
        return [mail.kind.value for mail in mails.page(call.unit, Scope(Reach.ANYONE)).items]

    return calls.read_now(STAGE, read)[::-1]


def accept(calls: Calls, user: User, code: str) -> str | None:
    """What a sign-in makes of a code."""
    return calls.write_now(STRANGER, factors.accept_code, user, code)


def answer(
    calls: Calls, key: Authenticator, user: User | None, site: RelyingParty = SITE, **options: Any
) -> Factor | None:
    """What a sign-in makes of a key."""
    asked, challenge = calls.read_now(STRANGER, factors.sign_in_options, user, site)
    response = key.get(asked)
    return calls.write_now(STRANGER, factors.accept_assertion, response, challenge, site, user=user)


def happened(calls: Calls, *kinds: str) -> list[Recorded]:
    """The events of these kinds, oldest first."""
    return list(calls.read_now(STAGE, events.page, EventQuery(kinds=kinds)).items)[::-1]
