"""For the machines that watch over this one: alive, ready, and the figures in Prometheus' words."""

import asyncio

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from innkeeper.actions import setup
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.files.live import Live
from innkeeper.files.storage import Storage

_PATIENCE = 5.0
CALLER = Caller("health", system_name="health")


def make_health(calls: Calls, live: Live, storage: Storage) -> Starlette:
    """The application for `/health/live`, `/health/ready` and `/metrics`."""
    registry = CollectorRegistry()
    rooms = Gauge("innkeeper_open_connections", "Open connections on this node.", registry=registry)
    moved = Gauge("innkeeper_open_connection_bytes", "Bytes moved by them.", ["direction"], registry=registry)

    async def answer_live(_: Request) -> Response:
        return PlainTextResponse("alive\n")

    async def answer_ready(_: Request) -> Response:
        try:
            await calls.read(CALLER, setup.is_due)
        except Exception:
            return PlainTextResponse("the database does not answer\n", 503)
        try:
            await asyncio.wait_for(asyncio.to_thread(storage.probe), _PATIENCE)
        except (OSError, TimeoutError):
            return PlainTextResponse("the storage does not answer\n", 503)
        return PlainTextResponse("ready\n")

    async def answer_metrics(_: Request) -> Response:
        open_rooms = live.all()
        rooms.set(len(open_rooms))
        moved.labels("in").set(sum(room.bytes_in for room in open_rooms))
        moved.labels("out").set(sum(room.bytes_out for room in open_rooms))
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return Starlette(
        routes=[
            Route("/health/live", answer_live),
            Route("/health/ready", answer_ready),
            Route("/metrics", answer_metrics),
        ]
    )
