"""The two ways through the steps of a verb: blocking, and awaiting."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from innkeeper_client.desktop_auth import DesktopAuth
from innkeeper_client.errors import InnkeeperError
from innkeeper_client.kept_logins import KeptLogin
from innkeeper_client.steps import Pause, Request, Steps

T = TypeVar("T")
AGENT = "innkeeper-client"


@dataclass(frozen=True, slots=True)
class Now:
    """Walks through steps and blocks meanwhile."""

    http: httpx.Client

    def run(self, steps: Steps[T]) -> T:
        outcome: httpx.Response | httpx.RequestError | None = None
        while True:
            try:
                step = _next(steps, outcome)
            except StopIteration as done:
                result: T = done.value
                return result
            outcome = self._take(step)

    def _take(self, step: Request | Pause) -> httpx.Response | httpx.RequestError | None:
        if isinstance(step, Pause):
            time.sleep(step.seconds)
            return None
        try:
            return self.http.request(step.method, step.prefix + step.path, **_parts(step))
        except httpx.RequestError as error:
            return error


@dataclass(frozen=True, slots=True)
class Later:
    """Walks through steps and lets others run meanwhile."""

    http: httpx.AsyncClient

    async def run(self, steps: Steps[T]) -> T:
        outcome: httpx.Response | httpx.RequestError | None = None
        while True:
            try:
                step = _next(steps, outcome)
            except StopIteration as done:
                result: T = done.value
                return result
            outcome = await self._take(step)

    async def _take(self, step: Request | Pause) -> httpx.Response | httpx.RequestError | None:
        if isinstance(step, Pause):
            await asyncio.sleep(step.seconds)
            return None
        try:
            return await self.http.request(step.method, step.prefix + step.path, **_parts(step))
        except httpx.RequestError as error:
            return error


def http_options(server: str, api_key: str, login: KeptLogin | None, timeout: float) -> dict[str, Any]:
    """The options of httpx that both clients share; raises InnkeeperError for a bad address or key."""
    if not api_key.isascii() or not api_key.isprintable() or " " in api_key:
        raise InnkeeperError("this is no API key: expected one like ink_…", code="invalid")
    url = address_of(server)
    headers = {"User-Agent": AGENT} | ({"Authorization": f"Bearer {api_key}"} if api_key else {})
    auth = DesktopAuth(url, login) if login is not None and not api_key else None
    return {"base_url": url, "headers": headers, "auth": auth, "timeout": timeout}


def address_of(server: str) -> httpx.URL:
    """Where a server answers; raises InnkeeperError for what is no address."""
    try:
        url = httpx.URL(server.rstrip("/"))
    except httpx.InvalidURL as error:
        raise InnkeeperError(f"{server!r} is no address of a server: {error}", code="invalid") from error
    if url.scheme not in ("http", "https") or not url.host:
        expected = "expected one like https://files.example.com"
        raise InnkeeperError(f"{server!r} is no address of a server: {expected}", code="invalid")
    return url


def _next(steps: Steps[T], outcome: httpx.Response | httpx.RequestError | None) -> Request | Pause:
    if isinstance(outcome, httpx.RequestError):
        return steps.throw(outcome)
    return steps.send(outcome)


def _parts(request: Request) -> Mapping[str, Any]:
    parts: dict[str, Any] = {"params": request.query, "headers": request.headers}
    if request.body is not None:
        parts["json"] = request.body
    if request.form is not None:
        parts["data"] = request.form
    if request.content is not None:
        parts["content"] = request.content
    if request.file is not None:
        parts["files"] = {"file": (*request.file, "text/csv")}
    return parts
