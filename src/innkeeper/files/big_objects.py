"""Objects too large for one request: sent, and copied, in parts. Seen only when all parts are there."""

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from innkeeper.files.bucket import Bucket, Object, condition
from innkeeper.files.storage import StoredFile

PART = 8 * 1024 * 1024
_MOST_PARTS = 10_000
LARGEST_COPY = 5 * 1024**3
_COPIED_PART = 512 * 1024 * 1024


def send(
    bucket: Bucket, key: str, file: StoredFile, notes: Mapping[str, str], *, only_if_free: bool = False
) -> None:
    """Put a file that lies here; at most one part of it is in memory."""
    size = file.stat().st_size
    if size <= PART:
        bucket.put(key, file.read(0, size), notes, only_if_free=only_if_free)
        return
    length = max(PART, math.ceil(size / _MOST_PARTS))

    def put(number: int, upload: str) -> Any:
        data = file.read((number - 1) * length, length)
        return bucket.ask("upload_part", Key=key, UploadId=upload, PartNumber=number, Body=data)["ETag"]

    begin = {"Key": key, "Metadata": dict(notes)}
    _in_parts(bucket, begin, math.ceil(size / length), put, only_if_free=only_if_free)


def copy(
    bucket: Bucket, found: Object, key: str, notes: Mapping[str, str], *, only_if_free: bool = False
) -> None:
    """Have the server copy an object of any size, with other notes."""
    if found.size <= LARGEST_COPY:
        bucket.copy(found, key, notes, only_if_free=only_if_free)
        return
    source = {"Bucket": bucket.name, "Key": found.key}

    def put(number: int, upload: str) -> Any:
        start = (number - 1) * _COPIED_PART
        end = min(found.size, start + _COPIED_PART)
        values = {"CopySource": source, "CopySourceRange": f"bytes={start}-{end - 1}"}
        answer = bucket.ask("upload_part_copy", Key=key, UploadId=upload, PartNumber=number, **values)
        return answer["CopyPartResult"]["ETag"]

    begin = {"Key": key, "Metadata": dict(notes), "ContentType": found.content_type}
    _in_parts(bucket, begin, math.ceil(found.size / _COPIED_PART), put, only_if_free=only_if_free)


def _in_parts(
    bucket: Bucket,
    begin: Mapping[str, Any],
    count: int,
    put: Callable[[int, str], Any],
    *,
    only_if_free: bool,
) -> None:
    key = begin["Key"]
    upload = bucket.ask("create_multipart_upload", **begin)["UploadId"]
    try:
        parts = [{"PartNumber": number, "ETag": put(number, upload)} for number in range(1, count + 1)]
        bucket.ask(
            "complete_multipart_upload",
            Key=key,
            UploadId=upload,
            MultipartUpload={"Parts": parts},
            **condition(only_if_free),
        )
    except BaseException:
        with suppress(OSError):
            bucket.ask("abort_multipart_upload", Key=key, UploadId=upload)
        raise
