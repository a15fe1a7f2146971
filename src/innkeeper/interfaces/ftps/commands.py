"""Which commands there are, and pyftpdlib's question who may use them."""

from pyftpdlib.handlers import TLS_FTPHandler

_CLOSED = ("SITE CHMOD", "STOU", "REIN", "PORT", "EPRT")
COMMANDS = {
    name: rules | ({"auth": False} if name == "OPTS" else {})  # Windows asks for UTF-8 before it signs in
    for name, rules in TLS_FTPHandler.proto_cmds.items()
    if name not in _CLOSED
} | {"CLNT": {"perm": None, "auth": False, "arg": True, "help": "Syntax: CLNT <SP> program."}}


class RoomDecides:
    """pyftpdlib's authorizer: allows everything, because every verb of a room asks for itself."""

    def has_perm(self, username: str, perm: str, path: str | None = None) -> bool:
        return True

    def get_msg_quit(self, username: str) -> str:
        return "Goodbye."

    def impersonate_user(self, username: str, password: str) -> None:
        """Files belong to the server."""

    def terminate_impersonation(self, username: str) -> None:
        """Files belong to the server."""
