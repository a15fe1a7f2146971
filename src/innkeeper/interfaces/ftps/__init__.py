"""The FTPS door: pyftpdlib speaks FTP, each connection in a thread of its own, over a room."""

from innkeeper.interfaces.ftps.door import DoorSettings, House
from innkeeper.interfaces.ftps.server import FtpsServer

__all__ = ["DoorSettings", "FtpsServer", "House"]
