"""Takes passwords as they were typed, by whichever of the two ways of SSH they come.

asyncssh puts a plain password through SASLprep (RFC 4013), which changes some characters and hangs up on
those younger than Unicode 3.2, and leaves one that was asked for (keyboard-interactive) as it is. Console and
API hash what was typed. So a plain password goes past SASLprep spelled in hexadecimal digits.
"""

from asyncssh.packet import Boolean, SSHPacket, String


def spelled(packet: SSHPacket) -> SSHPacket:
    """The rest of a request for plain password authentication, each password in it as digits."""
    is_change = packet.get_boolean()
    passwords = [packet.get_string(), packet.get_string()] if is_change else [packet.get_string()]
    digits = b"".join(String(password.hex()) for password in passwords)
    return SSHPacket(Boolean(is_change) + digits + packet.get_remaining_payload())


def typed(digits: str) -> str:
    """The password behind the digits. Bytes that are no UTF-8 become surrogates, which no password has."""
    return bytes.fromhex(digits).decode("utf-8", "surrogateescape")
