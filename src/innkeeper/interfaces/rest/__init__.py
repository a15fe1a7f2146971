"""REST: `/api/v1/…`, OpenAPI at `/api/v1/openapi.json`, a reader of it at `/api/docs`."""

from innkeeper.interfaces.rest.application import build

__all__ = ["build"]
