"""A reader of the OpenAPI document at `/api/docs`: rendered here, no scripts, nothing from elsewhere."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from innkeeper.interfaces.rest.problems import CODES

HOME = Path(__file__).parent
STYLE = "/api/docs/style.css"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter, or one field of a body or answer."""

    name: str
    type: str
    is_needed: bool
    text: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked of the server."""

    id: str
    method: str
    path: str
    tag: str
    text: str
    parameters: list[Field]
    body: list[Field]
    answers: list[tuple[str, str, str]]


def add_reader(app: FastAPI) -> None:
    """Add the page and its style to the application."""
    app.add_api_route("/api/docs", lambda: _page(app), include_in_schema=False)
    app.add_api_route(STYLE, _style, include_in_schema=False)


def operations_of(document: Mapping[str, Any]) -> Iterator[Operation]:
    """Every operation of an OpenAPI document, in its order."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield _operation(document, path, method, operation)


def type_of(schema: Mapping[str, Any]) -> str:
    """A schema in a word or two."""
    if "$ref" in schema:
        word = str(schema["$ref"]).rsplit("/", 1)[-1]
    elif "anyOf" in schema:
        word = " or ".join(type_of(option) for option in schema["anyOf"])
    elif "enum" in schema:
        word = " | ".join(f"{value!s}" or "''" for value in schema["enum"])
    elif schema.get("type") == "array":
        word = f"list of {type_of(schema.get('items', {}))}"
    else:
        word = str(schema.get("type", "anything"))
    return word


def _page(app: FastAPI) -> Response:
    document = app.openapi()
    grouped: dict[str, list[Operation]] = {}
    for operation in operations_of(document):
        grouped.setdefault(operation.tag, []).append(operation)
    page = _templates().get_template("reader.html")
    text = page.render(document=document, grouped=grouped, style=STYLE, codes=CODES)
    return HTMLResponse(text, headers=HEADERS)


def _style() -> Response:
    return Response((HOME / "static" / "reader.css").read_bytes(), media_type="text/css", headers=HEADERS)


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HOME / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["code"] = _with_code
    return environment


def _with_code(text: str) -> Markup:
    """Text in which backticks mark code."""
    forms = (Markup("{}"), Markup("<code>{}</code>"))
    return Markup().join(forms[at % 2].format(part) for at, part in enumerate(text.split("`")))


def _operation(
    document: Mapping[str, Any], path: str, method: str, operation: Mapping[str, Any]
) -> Operation:
    content = operation.get("requestBody", {}).get("content", {})
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        tag=operation["tags"][0],
        text=operation["description"],
        parameters=[_parameter(parameter) for parameter in operation.get("parameters", ())],
        body=[field for media in content.values() for field in _fields(document, media["schema"])],
        answers=[_answer(status, answer) for status, answer in operation["responses"].items()],
    )


def _parameter(parameter: Mapping[str, Any]) -> Field:
    schema = parameter["schema"]
    text = parameter.get("description", schema.get("description", ""))
    is_needed = parameter.get("required", False)
    return Field(parameter["name"], f"{type_of(schema)}, in {parameter['in']}", is_needed, text)


def _fields(document: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Field]:
    found = _resolved(document, schema)
    needed = found.get("required", ())
    return [
        Field(name, type_of(field), name in needed, field.get("description", ""))
        for name, field in found.get("properties", {}).items()
    ]


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema behind a reference, or behind the one that may also be null."""
    for option in schema.get("anyOf", ()):
        if "$ref" in option:
            schema = option
    if "$ref" in schema:
        found: Mapping[str, Any] = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
        return found
    return schema


def _answer(status: str, answer: Mapping[str, Any]) -> tuple[str, str, str]:
    words = [type_of(media.get("schema", {})) for media in answer.get("content", {}).values()]
    return status, answer["description"], ", ".join(words)
