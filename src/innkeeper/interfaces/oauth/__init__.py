"""OAuth 2.0 for clients without a browser: the device grant (RFC 8628), renewal, revocation."""

from innkeeper.interfaces.oauth.application import make_oauth

__all__ = ["make_oauth"]
