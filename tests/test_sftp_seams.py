"""The private names of asyncssh that the door leans on; when one of these tests fails, asyncssh has moved."""

import asyncio
import inspect
from pathlib import Path

import asyncssh
from asyncssh.constants import MSG_IGNORE

from innkeeper.interfaces.sftp.multifactor import Connection
from innkeeper.interfaces.sftp.transport import LeanConnection
from tests.sftp_site import SftpSite

pytest_plugins = ["tests.sftp_fixtures"]
Base = asyncssh.SSHServerConnection
BaseChannel = asyncssh.SSHServerChannel
METHODS = {
    "_send": ["self", "data"],
    "_force_close": ["self", "exc"],
    "_cleanup": ["self", "exc"],
    "send_packet": ["self", "pkttype", "args", "handler"],
    "data_received": ["self", "data", "datatype"],
    "pause_writing": ["self"],
    "resume_writing": ["self"],
    "send_userauth_success": ["self"],
    "send_userauth_failure": ["self", "partial_success"],
    "reload_config": ["self"],
    "_finish_userauth": ["self", "begin_auth", "method", "packet"],
    "_cancel_login_timer": ["self"],
    "_login_timer_callback": ["self"],
    "send_auth_banner": ["self", "msg", "lang"],
    "_update_recv_pktlen": ["self", "max_pktsize"],
    "log_sent_packet": ["self", "pkttype", "pktid", "packet", "note"],
    "log_received_packet": ["self", "pkttype", "pktid", "packet", "note"],
}
CHANNEL_METHODS = {
    "_flush_send_buf": ["self"],
    "_close_send": ["self"],
    "_pause_resume_writing": ["self"],
}
# What is read or set of a connection that sends data, and of a channel that waits for its window.
FIELDS = {
    "_transport", "_loop", "_send_encryption", "_compressor", "_kex_complete", "_send_enchdrlen",
    "_send_blocksize", "_send_seq", "_rekey_bytes", "_rekey_bytes_sent", "_rekey_seconds", "_rekey_time",
    "_login_timer",
}  # fmt: skip
CHANNEL_FIELDS = {"_conn", "_send_state", "_send_buf_len", "_send_window", "_send_pktsize", "_send_chan"}


def test_every_method_that_is_overridden_or_called_is_where_it_was() -> None:
    for name, parameters in METHODS.items():
        assert list(inspect.signature(getattr(Base, name)).parameters) == parameters, name
    for name, parameters in CHANNEL_METHODS.items():
        assert list(inspect.signature(getattr(BaseChannel, name)).parameters) == parameters, name


def test_every_field_is_where_it_was() -> None:
    connection = inspect.getsource(asyncssh.connection.SSHConnection.__init__)
    channel = inspect.getsource(asyncssh.channel.SSHChannel.__init__)

    assert [field for field in FIELDS if f"self.{field}" not in connection] == []
    assert [field for field in CHANNEL_FIELDS if f"self.{field}" not in channel] == []


def test_our_own_names_do_not_collide() -> None:
    own = {
        "flows",
        "is_full",
        "judge",
        "be_patient",
        "_waiting",
        "_waiting_size",
        "_wants_new_keys",
        "send_data",
        "_flush",
    }
    source = inspect.getsource(asyncssh.connection.SSHConnection) + inspect.getsource(Base)

    assert [name for name in own if f"self.{name} " in source or f"def {name}(" in source] == []


def test_channel_data_is_laid_out_and_counted_as_asyncssh_does() -> None:
    """`send_data` repeats these steps; any other wording means that they have to be compared anew."""
    sending = inspect.getsource(asyncssh.connection.SSHConnection.send_packet)

    for step in (
        "padlen = -(self._send_enchdrlen + len(payload)) % self._send_blocksize",
        "if padlen < 4:\n            padlen += self._send_blocksize",
        "packet = Byte(padlen) + payload + os.urandom(padlen)",
        "hdr = UInt32(pktlen)",
        "packet, mac = self._send_encryption.encrypt_packet(seq, hdr, packet)",
        "self._send_seq = (seq + 1) & 0xffffffff",
        "self._rekey_bytes_sent += pktlen",
    ):
        assert step in sending, step


def test_nothing_but_these_methods_is_overridden() -> None:
    ours = {name for kind in (LeanConnection, Connection) for name in vars(kind)}
    overridden = {name for name in ours if hasattr(Base, name) and not name.startswith("__")}

    assert overridden - {"connection_made"} <= set(METHODS)


def test_success_and_failure_of_every_method_pass_the_judge() -> None:
    source = inspect.getsource(asyncssh.auth)

    assert source.count("self._conn.send_userauth_success()") == 1
    assert source.count("self._conn.send_userauth_failure(partial_success)") == 1
    assert "self._method = method" in inspect.getsource(asyncssh.auth.ServerAuth.__init__)


def test_asyncssh_still_prepares_plain_passwords_and_no_others() -> None:
    """When this fails, passwords may no longer have to be spelled in digits."""
    plain = inspect.getsource(asyncssh.auth._ServerPasswordAuth._start)
    asked = inspect.getsource(asyncssh.auth._ServerKbdIntAuth)

    assert "saslprep(password_bytes.decode('utf-8'))" in plain
    assert plain.index("packet.get_boolean()") < plain.index("password_bytes = packet.get_string()")
    assert "saslprep" not in asked


def test_asyncssh_still_writes_per_packet_and_pads_with_ignore() -> None:
    """When this fails, the override is no longer needed."""
    source = inspect.getsource(asyncssh.connection.SSHConnection.send_packet)

    assert "self._send(packet + mac)" in source
    assert "self.send_packet(MSG_IGNORE" in source
    assert MSG_IGNORE == 2


async def test_what_one_turn_of_the_loop_sends_leaves_in_one_write(door: SftpSite) -> None:
    """Seen from outside: a burst of answers arrives in few segments."""
    async with door.connect("bob") as connection, connection.start_sftp_client() as sftp:
        segments = 0
        receive = connection.data_received

        def counted(data: bytes, datatype: int | None = None) -> None:
            nonlocal segments
            segments += 1
            receive(data, datatype)

        connection.data_received = counted
        connection._transport.set_protocol(connection)
        await asyncio.gather(*(sftp.realpath(".") for _ in range(300)))

        assert segments < 100


def test_the_version_is_pinned() -> None:
    project = (Path(__file__).parent.parent / "pyproject.toml").read_text()

    assert "asyncssh>=2.24.1,<2.25" in project
