"""One bucket of an S3-compatible server: the few calls that storage is made of, and what its errors mean.

Safe to use from several threads. Every failure is an OSError: ENOENT, EEXIST where a condition did not hold,
and EIO, logged here in one line, for everything that is the fault of the network, the server or the settings.
"""

import errno
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session

from innkeeper.files.places import Place

logger = structlog.get_logger(__name__)

_CONNECTIONS = 64
_PAGE = 1000
_READ_ATTEMPTS = 3
_NUMBERS = {
    **dict.fromkeys(("404", "NoSuchKey", "NotFound"), errno.ENOENT),
    **dict.fromkeys(("412", "409", "PreconditionFailed", "ConditionalRequestConflict"), errno.EEXIST),
    "EntityTooLarge": errno.EFBIG,
    "KeyTooLongError": errno.ENAMETOOLONG,
}


@dataclass(frozen=True, slots=True)
class Object:
    """What the server knows of one key. `modified` is the server's time in seconds of the epoch."""

    key: str
    size: int
    modified: float
    tag: str
    content_type: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a listing; `next` asks for the one after it, and is empty at the end."""

    objects: list[Object]
    folders: list[str]
    next: str


class Bucket:
    """The calls. Keys are whole keys of the bucket."""

    def __init__(self, place: Place) -> None:
        self.name = place.bucket
        # Its methods are made while it runs, out of a description of the service.
        self._client: Any = get_session().create_client(
            "s3",
            region_name=place.region,
            endpoint_url=place.endpoint or None,
            aws_access_key_id=place.key_id or None,
            aws_secret_access_key=place.secret or None,
            config=_config(has_endpoint=bool(place.endpoint)),
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def head(self, key: str) -> Object:
        """What is known of a key."""
        found = self.ask("head_object", Key=key)
        return Object(
            key,
            found["ContentLength"],
            found["LastModified"].timestamp(),
            found.get("ETag", ""),
            found.get("ContentType", ""),
            found.get("Metadata", {}),
        )

    def read(self, found: Object, start: int, end: int) -> bytes:
        """The bytes from `start` to before `end`; raises ESTALE when another object has the key by now."""
        for attempt in range(1, _READ_ATTEMPTS + 1):
            try:
                return self._read(found, start, end)
            except BotoCoreError as error:  # the connection broke off in the middle of the data
                if attempt == _READ_ATTEMPTS:
                    raise self._failure("get_object", error) from error
        raise AssertionError("unreachable")

    def page(self, prefix: str, *, after: str = "", most: int = _PAGE, by_folder: bool = True) -> Page:
        """Keys that begin so, in the order of the server; what lies deeper only as the folder it is in."""
        values: dict[str, Any] = {"Prefix": prefix, "MaxKeys": most}
        if by_folder:
            values["Delimiter"] = "/"
        if after:
            values["ContinuationToken"] = after
        found = self.ask("list_objects_v2", **values)
        objects = [
            Object(item["Key"], item["Size"], item["LastModified"].timestamp(), item.get("ETag", ""))
            for item in found.get("Contents", ())
        ]
        folders = [item["Prefix"] for item in found.get("CommonPrefixes", ())]
        return Page(objects, folders, found.get("NextContinuationToken", "") if found["IsTruncated"] else "")

    def put(self, key: str, data: bytes, notes: Mapping[str, str], *, only_if_free: bool = False) -> None:
        """Write a small object, all at once."""
        self.ask("put_object", Key=key, Body=data, Metadata=dict(notes), **condition(only_if_free))

    def copy(self, found: Object, key: str, notes: Mapping[str, str], *, only_if_free: bool = False) -> None:
        """Have the server copy an object of at most 5 GiB, with other notes."""
        self.ask(
            "copy_object",
            Key=key,
            CopySource={"Bucket": self.name, "Key": found.key},
            MetadataDirective="REPLACE",
            Metadata=dict(notes),
            ContentType=found.content_type or "application/octet-stream",
            **condition(only_if_free),
        )

    def delete(self, key: str) -> None:
        """Remove an object; one that is not there is as good as removed."""
        self.ask("delete_object", Key=key)

    def ask(self, action: str, **values: Any) -> Any:
        """Call the server, and word its errors as those of a disk."""
        try:
            return getattr(self._client, action)(Bucket=self.name, **values)
        except ClientError as error:
            number = _NUMBERS.get(_code(error))
            if number is None:
                raise self._failure(action, error) from error
            raise OSError(number, os.strerror(number)) from error
        except BotoCoreError as error:
            raise self._failure(action, error) from error

    def _read(self, found: Object, start: int, end: int) -> bytes:
        values = {"IfMatch": found.tag} if found.tag else {}
        try:
            answer = self.ask("get_object", Key=found.key, Range=f"bytes={start}-{end - 1}", **values)
        except FileExistsError as error:
            raise OSError(errno.ESTALE, "the file was replaced while it was read") from error
        with answer["Body"] as body:
            data: bytes = body.read()
        return data

    def _failure(self, action: str, error: Exception) -> OSError:
        reason = str(error).splitlines()[0]
        logger.warning("The object storage failed.", bucket=self.name, action=action, reason=reason)
        return OSError(errno.EIO, f"the storage failed: {reason}")


def condition(only_if_free: bool) -> dict[str, str]:  # noqa: FBT001
    """The condition that nothing has the key yet."""
    return {"IfNoneMatch": "*"} if only_if_free else {}


def _config(*, has_endpoint: bool) -> Config:
    return Config(
        signature_version="s3v4",
        connect_timeout=5,
        read_timeout=30,
        retries={"mode": "standard", "total_max_attempts": 3},
        max_pool_connections=_CONNECTIONS,
        # Other makers' servers do not know the checksums that Amazon added in 2025.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": "path" if has_endpoint else "auto"},
    )


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
