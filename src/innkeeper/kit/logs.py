"""Structured logs on standard error: a message that reads alone, values as fields."""

import logging
import sys

import structlog
from structlog.typing import Processor


def configure(level: str, *, as_json: bool) -> None:
    """Send our own log and every library's to standard error, in one form."""
    number = logging.getLevelNamesMapping()[level.upper()]
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    shared: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared))
    handler.setLevel(max(number, logging.WARNING))
    logging.getLogger("uvicorn.error").addFilter(_is_news)
    logging.basicConfig(handlers=[handler], level=max(number, logging.WARNING), force=True)


def _is_news(record: logging.LogRecord) -> bool:
    """A door that cuts a transfer does so by not completing its answer; the event log knows why."""
    return record.msg != "ASGI callable returned without completing response."
