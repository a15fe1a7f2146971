"""Answers that are made by hand: a new thing with its address, and nothing at all."""

from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi import Response
from pydantic import BaseModel

PREFIX = "/api/v1"
CREATED_HEADERS = {
    "Location": {"description": "Where the new thing is.", "schema": {"type": "string"}},
    "ETag": {"description": "Its version.", "schema": {"type": "string"}},
}
CREATED: dict[int | str, dict[str, Any]] = {201: {"headers": CREATED_HEADERS}}


def plain(document: BaseModel) -> dict[str, Any]:
    """A document as it can be kept for the second time that the same request comes."""
    return document.model_dump(mode="json")


def created(noun: str, document: Mapping[str, Any]) -> Response:
    """201 with the new thing, its address, and its version if it has one."""
    headers = {"Location": f"{PREFIX}/{noun}/{document['id']}"}
    if "version" in document:
        headers["ETag"] = f'"{document["version"]}"'
    return Response(msgspec.json.encode(document), 201, headers, "application/json")


def nothing() -> Response:
    """204."""
    return Response(status_code=204)
