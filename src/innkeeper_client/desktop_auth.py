"""Puts the access token on each request, and renews it before it is too old or when the server says so.

A refresh token is good for one use. So whoever renews holds the file's lock, and looks first whether another
program was faster.
"""

from collections.abc import AsyncGenerator, Generator
from datetime import UTC, datetime, timedelta

import httpx

from innkeeper_client.errors import BadAnswer, error_of
from innkeeper_client.kept_logins import KeptLogin, Tokens

Flow = Generator[httpx.Request, httpx.Response, None]
AsyncFlow = AsyncGenerator[httpx.Request, httpx.Response]


class DesktopAuth(httpx.Auth):
    """The credential of a client with a kept login, for both kinds of httpx client."""

    def __init__(self, server: httpx.URL, login: KeptLogin) -> None:
        self._endpoint = f"{str(server).rstrip('/')}/oauth/token"
        self._login = login

    def sync_auth_flow(self, request: httpx.Request) -> Flow:
        tokens = self._login.load()
        if not tokens.is_old():
            response = yield signed(request, tokens)
            if response.status_code != 401:
                return
        with self._login.lock():
            found = self._login.load()
            if found == tokens or found.is_old():
                answer = yield self._question(found, request)
                answer.read()
                found = self._keep(answer)
        yield signed(request, found)

    async def async_auth_flow(self, request: httpx.Request) -> AsyncFlow:
        tokens = self._login.load()
        if not tokens.is_old():
            response = yield signed(request, tokens)
            if response.status_code != 401:
                return
        async with self._login.lock():
            found = self._login.load()
            if found == tokens or found.is_old():
                answer = yield self._question(found, request)
                await answer.aread()
                found = self._keep(answer)
        yield signed(request, found)

    def _question(self, tokens: Tokens, request: httpx.Request) -> httpx.Request:
        """The request for new tokens, with the patience of the one that it is made for."""
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
        patience = {"timeout": request.extensions["timeout"]}
        headers = {"User-Agent": request.headers["User-Agent"]}
        return httpx.Request("POST", self._endpoint, data=form, headers=headers, extensions=patience)

    def _keep(self, response: httpx.Response) -> Tokens:
        """The new tokens, written before anything is done with them; raises InnkeeperError."""
        tokens = tokens_in(response)
        self._login.keep(tokens)
        return tokens


def signed(request: httpx.Request, tokens: Tokens) -> httpx.Request:
    """The request with its credential."""
    request.headers["Authorization"] = f"Bearer {tokens.access_token}"
    return request


def tokens_in(response: httpx.Response) -> Tokens:
    """The tokens in an answer of the token endpoint; raises InnkeeperError."""
    try:
        document = response.json()
    except ValueError:
        document = None
    if not response.is_success:
        raise error_of(response.status_code, document)
    try:
        expires_at = datetime.now(UTC) + timedelta(seconds=document["expires_in"])
        return Tokens(document["access_token"], document["refresh_token"], expires_at)
    except (KeyError, TypeError) as error:
        raise BadAnswer("the server's answer holds no tokens; is it Innkeeper?") from error
