"""A reader of the OpenAPI document at `/api/docs`: rendered here, no scripts, nothing from elsewhere."""

from fastapi import FastAPI


def add_reader(app: FastAPI) -> None:
    """Add the page."""
