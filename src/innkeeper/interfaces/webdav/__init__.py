"""WebDAV (RFC 4918, classes 1 and 2): the files of the site as a network drive, below `/dav/`."""

from innkeeper.interfaces.webdav.application import make_webdav as make_webdav
