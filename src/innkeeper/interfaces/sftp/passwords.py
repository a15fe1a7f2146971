"""Takes passwords as they were typed, by whichever of the two ways of SSH they come.

asyncssh puts a plain password through SASLprep (RFC 4013), which changes some characters and hangs up on
those younger than Unicode 3.2, and leaves one that was asked for (keyboard-interactive) as it is. Console and
API hash what was typed. So a plain password goes past SASLprep spelled in hexadecimal digits.
"""

from asyncssh.packet import Boolean, SSHPacket, String


def spelled(packet: SSHPacket) -> SSHPacket:
    """The rest of a request for plain password authentication, with the password as digits."""
    is_change, password = packet.get_boolean(), packet.get_string()
    return SSHPacket(Boolean(is_change) + String(password.hex()) + packet.get_remaining_payload())


def typed(digits: str) -> str:
    """The password behind the digits; bytes that are no UTF-8 make it a wrong one."""
    return bytes.fromhex(digits).decode("utf-8", "replace")
