"""The SFTP door: SSH by asyncssh, SFTP version 3 and SCP by ourselves over a room."""

from innkeeper.interfaces.sftp.door import Attempt, DoorSettings, House, LoginDesk
from innkeeper.interfaces.sftp.server import SftpServer, start

__all__ = ["Attempt", "DoorSettings", "House", "LoginDesk", "SftpServer", "start"]
