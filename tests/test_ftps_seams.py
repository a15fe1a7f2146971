"""The private names of pyftpdlib that the FTPS door leans on; when a test fails here, pyftpdlib has moved."""

import inspect
import socket
import time
from pathlib import Path
from typing import Any

from pyftpdlib import ioloop
from pyftpdlib.handlers import DTPHandler, FTPHandler, TLS_DTPHandler, TLS_FTPHandler
from pyftpdlib.handlers.ftp.dispatchers import PassiveDTP
from pyftpdlib.handlers.ftps.ssl import SSLConnectionMixin

from innkeeper.interfaces.ftps.control import ControlConnection
from innkeeper.interfaces.ftps.transfers import DataConnection, PassivePort, Transfer
from tests.ftps_site import FtpsSite

pytest_plugins = ["tests.sftp_fixtures", "tests.ftps_fixtures"]
METHODS: dict[Any, dict[str, list[str]]] = {
    TLS_FTPHandler: {
        "__init__": ["self", "conn", "server", "ioloop"],
        "get_ssl_context": [],
        "secure_connection": ["self", "ssl_context"],
        "handle_ssl_established": ["self"],
        "handle_timeout": ["self"],
        "handle": ["self"],
        "push": ["self", "data"],
        "respond": ["self", "resp", "logfun"],
        "collect_incoming_data": ["self", "data"],
        "found_terminator": ["self"],
        "pre_process_command": ["self", "line", "cmd", "arg"],
        "process_command": ["self", "cmd", "args", "kwargs"],
        "push_dtp_data": ["self", "data", "isproducer", "file", "cmd"],
        "_make_epasv": ["self", "extmode"],
    },
    TLS_DTPHandler: {
        "__init__": ["self", "sock", "cmd_channel"],
        "modify_ioloop_events": ["self", "events", "logdebug"],
        "initiate_send": ["self"],
        "handle_error": ["self"],
        "handle_timeout": ["self"],
        "close": ["self"],
    },
    DTPHandler: {"recv": ["self", "buffer_size"], "handle_close": ["self"]},
    PassiveDTP: {
        "__init__": ["self", "cmd_channel", "extmode"],
        "bind": ["self", "addr"],
        "handle_timeout": ["self"],
    },
}
# What is read or set, and where it is first given its value.
FIELDS: dict[Any, tuple[str, ...]] = {
    FTPHandler: (
        *("_in_buffer", "_in_buffer_len", "_in_dtp_queue", "_out_dtp_queue", "_dtp_acceptor", "data_channel"),
        *("_extra_feats", "_current_facts", "_available_facts", "attempted_logins", "authenticated", "fs"),
    ),
    TLS_FTPHandler: ("_pbsz", "_prot", "ssl_context"),
    DTPHandler: ("_resp", "_lastdata", "file_obj", "receive", "cmd"),
    SSLConnectionMixin: ("_error", "_ssl_want_read", "_ssl_want_write"),
    ioloop.AsyncChat: ("_closed",),
    ioloop.Epoll.__mro__[2]: ("socket_map", "sched"),
}


def test_every_method_that_is_overridden_or_called_is_where_it_was() -> None:
    for kind, methods in METHODS.items():
        for name, parameters in methods.items():
            assert list(inspect.signature(getattr(kind, name)).parameters) == parameters, (kind, name)


def test_every_field_is_where_it_was() -> None:
    for kind, names in FIELDS.items():
        source = inspect.getsource(kind.__init__)
        assert [name for name in names if f"self.{name} = " not in source] == [], kind


def test_nothing_but_these_methods_is_overridden() -> None:
    pairs = [
        (ControlConnection, TLS_FTPHandler, METHODS[TLS_FTPHandler]),
        (DataConnection, TLS_DTPHandler, METHODS[TLS_DTPHandler]),
        (Transfer, DTPHandler, METHODS[DTPHandler]),
        (PassivePort, PassiveDTP, METHODS[PassiveDTP]),
    ]
    for ours, theirs, known in pairs:
        names = {name for name, value in vars(ours).items() if callable(value) and hasattr(theirs, name)}
        overridden = {name for name in names if not name.startswith(("ftp_", "log"))}
        assert overridden - {"authorizer", "dtp_handler", "passive_dtp"} <= set(known), ours


def test_our_own_names_do_not_collide() -> None:
    own = {"visit", "settings", "room", "has_tried", "begin", "is_in", "is_transferring", "cut", "_client"}
    source = inspect.getsource(FTPHandler) + inspect.getsource(TLS_FTPHandler)

    assert [name for name in own if f"self.{name} " in source or f"def {name}(" in source] == []


def test_what_tls_leaves_open_passes_through_our_own_class() -> None:
    order = DataConnection.__mro__

    assert order.index(SSLConnectionMixin) < order.index(Transfer) < order.index(DTPHandler)


def test_a_handshake_that_waits_for_the_client_costs_no_processor_time(ftps: FtpsSite) -> None:
    """Seen from outside: the busy loop would take all that there is."""
    client = ftps.signed_in()
    client.put("f", b"x")
    host, port = client.makepasv()
    with socket.create_connection((host, port)):
        client.putcmd("RETR f")
        client.getresp()

        before, began = time.process_time(), time.monotonic()
        time.sleep(0.5)
        used = (time.process_time() - before) / (time.monotonic() - began)

    client.close()
    assert used < 0.3


def test_the_version_is_pinned() -> None:
    project = (Path(__file__).parent.parent / "pyproject.toml").read_text()

    assert "pyftpdlib>=2.2,<2.3" in project
