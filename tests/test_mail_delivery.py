"""From the queue to a real mail server: sent, refused, tried again, survived, and never twice."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from innkeeper.actions import mails
from innkeeper.actions.calls import Calls
from innkeeper.domain.mails import HOLD, WAITS, Mail, MailKind, MailState
from innkeeper.domain.users import User
from innkeeper.jobs.mails import Office, Stopped, deliver
from innkeeper.jobs.workflows import AT_ONCE
from innkeeper.kit.clock import utc_now
from innkeeper.kit.vault import Vault, new_key
from innkeeper.mail.addresses import read_from, read_url
from innkeeper.mail.sending import TRY_SECONDS, Postman
from innkeeper.store.database import Database
from tests.conftest import SYSTEM, FakeClock
from tests.mail_server import HOME
from tests.smtp_sink import Sink

pytest_plugins = ["tests.smtp_sink"]
# Whole processes start here, which on a busy machine takes a while.
pytestmark = pytest.mark.timeout(400)

NEVER = threading.Event()
Letter = Callable[..., Mail]


@pytest.fixture
def office(smtp_sink: Sink) -> Office:
    return Office(Postman(read_url(smtp_sink.url), read_from("Innkeeper <files@example.com>")), lambda: HOME)


@pytest.fixture
def letter(calls: Calls, bob: User) -> Letter:
    def letter(to: str = "bob@example.com", kind: MailKind = MailKind.INVITATION) -> Mail:
        secret = {"path": "/set-password/s3cret"}
        calls.write_now(SYSTEM, mails.queue, kind, bob, {"hours": 72}, secret=secret, to=to)
        return calls.read_now(SYSTEM, mails.page).items[0].mail

    return letter


def shown(calls: Calls, mail: Mail) -> Mail:
    return calls.read_now(SYSTEM, mails.show, mail.id)[0].mail


def test_mail_arrives_with_its_link(calls: Calls, office: Office, letter: Letter, smtp_sink: Sink) -> None:
    mail = letter()

    due = deliver(calls, office, mail.id, NEVER)

    [received] = smtp_sink.received
    sent = shown(calls, mail)
    assert due is None
    assert f"{HOME}/set-password/s3cret" in received.text
    assert received.message["Message-ID"] == f"<{mail.id}@example.com>"
    assert (sent.state, sent.sent_at, sent.error) == (MailState.SENT, mail.created_at, None)


def test_mail_is_sent_once_however_often_it_is_delivered(
    calls: Calls, office: Office, letter: Letter, smtp_sink: Sink
) -> None:
    mail = letter()
    threads = [threading.Thread(target=deliver, args=(calls, office, mail.id, NEVER)) for _ in range(6)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(smtp_sink.received) == 1


def test_refusal_for_good_ends_it(calls: Calls, office: Office, letter: Letter, smtp_sink: Sink) -> None:
    smtp_sink.answers["bob@example.com"] = "550 no such user"
    mail = letter()

    assert deliver(calls, office, mail.id, NEVER) is None

    failed = shown(calls, mail)
    assert failed.state is MailState.FAILED
    assert str(failed.error) == "the mail server answered: 550 no such user"


def test_passing_trouble_is_outlived(
    calls: Calls, office: Office, letter: Letter, smtp_sink: Sink, clock: FakeClock
) -> None:
    smtp_sink.answers["bob@example.com"] = "451 try again later"
    mail = letter()

    due = deliver(calls, office, mail.id, NEVER)
    waiting = shown(calls, mail)
    early = deliver(calls, office, mail.id, NEVER)
    del smtp_sink.answers["bob@example.com"]
    clock.now += WAITS[0]
    late = deliver(calls, office, mail.id, NEVER)

    assert (due, early, late) == (mail.created_at + WAITS[0], due, None)
    assert (waiting.state, waiting.tries) == (MailState.QUEUED, 1)
    assert "451 try again later" in str(waiting.error)
    assert shown(calls, mail).state is MailState.SENT


def test_without_a_mail_server_mails_are_kept_unsent(calls: Calls, letter: Letter) -> None:
    mail = letter()

    assert deliver(calls, Office(), mail.id, NEVER) is None

    assert shown(calls, mail).state is MailState.UNSENT


def test_bad_address_is_told_in_the_log(calls: Calls, office: Office, letter: Letter) -> None:
    mail = letter(to=".bob@example.com")

    deliver(calls, office, mail.id, NEVER)

    assert str(shown(calls, mail).error) == "no mail can be sent to this address"


def test_secret_under_a_lost_key_fails_the_mail(calls: Calls, office: Office, letter: Letter) -> None:
    mail = letter()
    calls.vault = Vault(new_key())

    deliver(calls, office, mail.id, NEVER)

    failed = shown(calls, mail)
    assert failed.state is MailState.FAILED
    assert "sealed with another key" in str(failed.error)


def test_stop_does_not_wait_for_a_slow_mail_server(
    calls: Calls, office: Office, letter: Letter, smtp_sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("innkeeper.jobs.mails.PATIENCE_SECONDS", 0.4)
    smtp_sink.seconds_a_message = 30
    mail, stopping = letter(), threading.Event()

    def stop() -> None:
        smtp_sink.data_begun.wait(10)
        stopping.set()

    threading.Thread(target=stop).start()
    began = time.monotonic()
    with pytest.raises(Stopped):
        deliver(calls, office, mail.id, stopping)

    assert time.monotonic() - began < 10
    assert shown(calls, mail).state is MailState.SENDING


def test_no_try_outlasts_the_hold() -> None:
    assert HOLD.total_seconds() > TRY_SECONDS + 5


class Servers:
    """Processes that send mail out of one database, and a way to queue for them."""

    def __init__(self, url: str, directory: Path, sink: Sink) -> None:
        self.url, self.directory, self.sink = url, directory, sink
        self.key = new_key()
        self.database = Database(url, clock=utc_now)
        self.calls = Calls(self.database, vault=Vault(self.key))
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, name: str = "data") -> "subprocess.Popen[bytes]":
        directory = self.directory / name
        directory.mkdir(exist_ok=True)
        log = (self.directory / f"{name}-{len(self.running)}.log").open("w")
        command = [
            sys.executable,
            "-m",
            "tests.mail_server",
            self.url,
            str(directory),
            self.sink.url,
            self.key,
        ]
        process = subprocess.Popen(command, cwd=Path(__file__).parents[1], env=os.environ, stderr=log)
        self.running.append(process)
        return process

    def queue(self, user: User, *addresses: str) -> None:
        for address in addresses:
            secret = {"path": f"/set-password/{address}"}
            self.calls.write_now(
                SYSTEM, mails.queue, MailKind.INVITATION, user, {}, secret=secret, to=address
            )

    def states(self) -> Counter[MailState]:
        found = self.calls.read_now(SYSTEM, mails.page, limit=1000).items
        return Counter(entry.mail.state for entry in found)

    def wait(self, state: MailState, number: int, seconds: float = 100) -> None:
        end = time.monotonic() + seconds
        while self.states()[state] < number:
            assert time.monotonic() < end, self.states()
            time.sleep(0.1)

    def close(self) -> None:
        for process in self.running:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                assert process.wait(timeout=15) == 0
        self.calls.hasher.close()
        self.database.close()


@pytest.fixture
def servers(database_url: str, database: Database, tmp_path: Path, smtp_sink: Sink) -> Iterator[Servers]:
    """The database is made by `database`; theirs go by the real clock."""
    servers = Servers(database_url, tmp_path, smtp_sink)
    yield servers
    servers.close()


def test_queued_mail_is_sent_and_tried_again_by_a_real_server(
    servers: Servers, bob: User, smtp_sink: Sink
) -> None:
    smtp_sink.answers = {"later@example.com": "451 try again later", "gone@example.com": "550 no such user"}
    servers.queue(bob, "early@example.com", "later@example.com", "gone@example.com")
    servers.start()
    servers.wait(MailState.FAILED, 1)
    servers.wait(MailState.SENT, 1)
    servers.queue(bob, "bob@example.com")
    servers.wait(MailState.SENT, 2)

    del smtp_sink.answers["later@example.com"]
    servers.wait(MailState.SENT, 3)

    to = Counter(mail.recipients[0] for mail in smtp_sink.received)
    assert to == {"early@example.com": 1, "bob@example.com": 1, "later@example.com": 1}
    assert "/set-password/later@example.com" in smtp_sink.to("later@example.com")[0].text


def test_mails_survive_kill(servers: Servers, bob: User, smtp_sink: Sink) -> None:
    """Nothing is lost. Twice may come only what was between the server's 250 and our commit."""
    addresses = [f"user{number}@example.com" for number in range(40)]
    smtp_sink.seconds_a_message = 0.3
    servers.queue(bob, *addresses)
    first = servers.start()
    smtp_sink.wait(10)
    first.kill()
    first.wait()

    servers.start()
    servers.wait(MailState.SENT, 40)

    counts = Counter(mail.recipients[0] for mail in smtp_sink.received)
    twice = [address for address, number in counts.items() if number > 1]
    assert set(counts) == set(addresses)
    assert max(counts.values()) <= 2
    assert len(twice) <= AT_ONCE
    for address in twice:
        assert len({mail.message["Message-ID"] for mail in smtp_sink.to(address)}) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("names", [("data", "other"), ("data", "data")], ids=["apart", "one directory"])
def test_two_nodes_send_nothing_twice(
    servers: Servers, bob: User, smtp_sink: Sink, names: tuple[str, str]
) -> None:
    addresses = [f"user{number}@example.com" for number in range(40)]
    smtp_sink.seconds_a_message = 0.1
    servers.queue(bob, *addresses[:20])
    for name in names:
        servers.start(name)
    servers.queue(bob, *addresses[20:])

    servers.wait(MailState.SENT, 40)
    time.sleep(2)

    assert Counter(mail.recipients[0] for mail in smtp_sink.received) == dict.fromkeys(addresses, 1)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_mails_of_a_node_that_never_comes_back_are_sent_by_another(
    servers: Servers, bob: User, smtp_sink: Sink
) -> None:
    smtp_sink.seconds_a_message = 0.5
    servers.queue(bob, *(f"user{number}@example.com" for number in range(20)))
    first = servers.start("lost")
    smtp_sink.wait(4)
    first.kill()
    first.wait()
    time.sleep(4)

    servers.start("other")

    servers.wait(MailState.SENT, 20)
