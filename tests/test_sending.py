"""Handing mails to a real mail server: encrypted, signed in, refused, away; and no header out of a name."""

import socket
import threading
from datetime import UTC, datetime

import pytest

from innkeeper.domain.mails import Mail, MailKind
from innkeeper.domain.words import MailId
from innkeeper.mail import sending
from innkeeper.mail.addresses import MailServer, read_from, read_url
from innkeeper.mail.letters import Letter
from innkeeper.mail.sending import Postman, Undelivered, compose
from tests.smtp_sink import PASSWORD, USERNAME, Sink

pytest_plugins = ["tests.smtp_sink"]

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FROM = read_from("Harbor & Finch <files@example.com>")
LETTER = Letter("Grüße", "Ein Text\n", "<p>Ein Text</p>")


def mail(to: str = "bob@example.org", name: str = "Bob Byron") -> Mail:
    return Mail(
        id=MailId("m1"),
        user_id=None,
        kind=MailKind.EMAIL_CODE,
        to_address=to,
        language="de",
        data={"to_name": name},
        created_at=NOW,
        due_at=NOW,
    )


async def send(sink: Sink, known: Mail | None = None, letter: Letter = LETTER) -> str:
    message = compose(letter, known or mail(), sender=FROM, now=NOW)
    return await Postman(read_url(sink.url), FROM).deliver(message)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example.com", MailServer("mail.example.com", 587)),
        ("smtp://mail.example.com:25", MailServer("mail.example.com", 25)),
        ("smtps://u:p@mail.example.com", MailServer("mail.example.com", 465, True, "u", "p")),
        ("smtp://a%40b.c:p%3Aw%2F%25@[::1]:2525", MailServer("::1", 2525, False, "a@b.c", "p:w/%")),
    ],
)
def test_address_of_the_server_is_read(url: str, expected: MailServer) -> None:
    assert expected == read_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.com",
        "http://u:s3cret@mail.example.com",
        "smtp://",
        "smtp://u:s3cret@mail.example.com:port",
        "smtp://u:s3cret@mail.example.com/path",
        "smtp://u:s3cret/x@mail.example.com",
        "smtp://u@mail.example.com",
        "smtp://u:s3cret@[::1",
    ],
)
def test_bad_address_of_a_server_is_refused_without_telling_the_password(url: str) -> None:
    with pytest.raises(ValueError, match="smtp_url: expected smtp://") as caught:
        read_url(url)

    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("text", ["", "Innkeeper", "a@b@c", "Innkeeper <>", "x@y.z, a@b.c", "a b@c.d"])
def test_bad_sender_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="mail_from: expected Innkeeper <files@"):
        read_from(text)


async def test_message_arrives_whole(smtp_sink: Sink) -> None:
    answer = await send(smtp_sink)

    [received] = smtp_sink.received
    message = received.message
    assert answer == "queued as 1"
    assert (received.sender, received.recipients) == ("files@example.com", ["bob@example.org"])
    assert (received.text.strip(), received.html.strip()) == ("Ein Text", "<p>Ein Text</p>")
    assert message["From"] == "Harbor & Finch <files@example.com>"
    assert message["To"] == "Bob Byron <bob@example.org>"
    assert message["Subject"] == "Grüße"
    assert message["Date"].datetime == NOW
    assert message["Message-ID"] == "<m1@example.com>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "multipart/alternative"
    assert [name for name in message if name.startswith("List-")] == []
    assert received.message.defects == []


async def test_encryption_and_password_where_they_are_asked_for(secure_smtp_sink: Sink) -> None:
    await send(secure_smtp_sink)

    [received] = secure_smtp_sink.received
    assert received.is_encrypted
    assert received.username == USERNAME


async def test_certificate_that_nobody_vouches_for_is_not_trusted(
    secure_smtp_sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")

    with pytest.raises(Undelivered, match="certificate verify failed") as caught:
        await send(secure_smtp_sink)

    assert not caught.value.is_permanent
    assert secure_smtp_sink.received == []


async def test_wrong_password_is_no_fault_of_the_mail(secure_smtp_sink: Sink) -> None:
    secure_smtp_sink.url = f"smtp://{USERNAME.replace('@', '%40')}:wrong@127.0.0.1:{secure_smtp_sink.port}"

    with pytest.raises(Undelivered, match="the mail server answered: 535") as caught:
        await send(secure_smtp_sink)

    assert not caught.value.is_permanent
    assert PASSWORD not in str(caught.value)


async def test_password_does_not_travel_in_the_clear(
    smtp_sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine in between could take away the offer to encrypt."""
    monkeypatch.setattr("innkeeper.mail.addresses._is_loopback", lambda host: False)
    smtp_sink.url = f"smtp://u:s3cret@127.0.0.1:{smtp_sink.port}"

    with pytest.raises(Undelivered, match="STARTTLS"):
        await send(smtp_sink)

    assert smtp_sink.rcpt_seen == []


@pytest.mark.parametrize(("answer", "is_permanent"), [("550 no such user", True), ("451 later", False)])
async def test_refusal_of_the_mail_itself_may_be_for_good(
    smtp_sink: Sink, answer: str, *, is_permanent: bool
) -> None:
    smtp_sink.answers["bob@example.org"] = answer

    with pytest.raises(Undelivered, match=f"the mail server answered: {answer}") as caught:
        await send(smtp_sink)

    assert is_permanent == caught.value.is_permanent


async def test_server_that_is_away_may_come_back() -> None:
    away = Sink(url="smtp://127.0.0.1:1")

    with pytest.raises(Undelivered, match=r"the mail server 127\.0\.0\.1:1 cannot be used") as caught:
        await send(away)

    assert not caught.value.is_permanent


async def test_server_that_says_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "TRY_SECONDS", 0.3)
    silent = socket.create_server(("127.0.0.1", 0))

    with silent, pytest.raises(Undelivered, match="took too long"):
        await send(Sink(url=f"smtp://127.0.0.1:{silent.getsockname()[1]}"))


async def test_server_that_hangs_up_may_come_back() -> None:
    with socket.create_server(("127.0.0.1", 0)) as rude:
        threading.Thread(target=lambda: rude.accept()[0].close(), daemon=True).start()

        with pytest.raises(Undelivered, match="cannot be used") as caught:
            await send(Sink(url=f"smtp://127.0.0.1:{rude.getsockname()[1]}"))

    assert not caught.value.is_permanent


EVIL = "Bob\r\nBcc: eve@example.org\r\n\r\nBody\u2028X-Evil: 1"


async def test_names_and_subjects_cannot_add_headers(smtp_sink: Sink) -> None:
    await send(smtp_sink, mail(name=EVIL), Letter(EVIL, "text", "<p>html</p>"))

    [received] = smtp_sink.received
    assert received.recipients == ["bob@example.org"]
    assert {"bcc", "x-evil"} & {name.lower() for name in received.message} == set()
    assert received.message["Subject"] == "Bob Bcc: eve@example.org Body X-Evil: 1"
    assert received.text.strip() == "text"


@pytest.mark.parametrize(
    "address",
    [
        "bob@example.org\r\nRCPT TO:<eve@example.org>",
        "bob@example.org>, <eve@example.org",
        "bob(eve@example.com)@example.org",
        "a b@example.org",
        "bob@example.org ",
        ".bob@example.org",
        "jürgen@example.org",
        "@example.org",
        "",
    ],
)
def test_address_that_is_not_plain_is_never_written_to(address: str) -> None:
    with pytest.raises(Undelivered, match="no mail can be sent to this address") as caught:
        compose(LETTER, mail(address), sender=FROM, now=NOW)

    assert caught.value.is_permanent


async def test_domains_of_every_script_can_be_written_to(smtp_sink: Sink) -> None:
    await send(smtp_sink, mail("bob@exämple.org"))

    assert smtp_sink.received[0].recipients == ["bob@xn--exmple-cua.org"]
