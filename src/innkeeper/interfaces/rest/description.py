"""The OpenAPI document: what FastAPI gathers, and what every operation has in common."""

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from innkeeper.interfaces.rest.bodies import NAME
from innkeeper.interfaces.rest.problems import ProblemDocument

TEXT = """Everything that the console can do, for programs.

Send an API key as `Authorization: Bearer KEY`. Refusals are RFC 9457 problems with a stable `code`.
Lists come in pages: ask again with `next_cursor` until it is null. Requests that make something take an
`Idempotency-Key`.
"""


def describe(app: FastAPI) -> None:
    """Make the application answer our document, built once."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = build_document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def build_document(app: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.1 for every operation."""
    document = get_openapi(
        title="Innkeeper",
        version=version("innkeeper"),
        summary="Users, permissions and doors of a file site.",
        description=TEXT,
        routes=app.routes,
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    _name_bodies(document["paths"], schemas)
    problem = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["ProblemDocument"] = problem
    return document


def _name_bodies(paths: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Move the schemas of bodies that the domain checks among the named ones."""
    for content in _bodies(paths):
        name = content["schema"].pop(NAME, None)
        if name is not None:
            schemas[name] = content["schema"] | {"title": name}
            content["schema"] = {"$ref": f"#/components/schemas/{name}"}


def _bodies(paths: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for operations in paths.values():
        for operation in operations.values():
            yield from operation.get("requestBody", {}).get("content", {}).values()
