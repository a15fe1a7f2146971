"""Notifications: who hears by mail of what happens to files in a folder."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, Strict

from innkeeper.actions import notifications
from innkeeper.actions.call import Call
from innkeeper.domain.notifications import FileNews, Frequency, Notification
from innkeeper.domain.words import NotificationId, SubjectKind
from innkeeper.interfaces.rest.answers import CREATED, created, nothing, plain
from innkeeper.interfaces.rest.bodies import Route
from innkeeper.interfaces.rest.grants import Path
from innkeeper.interfaces.rest.paging import Cursor, Limit, PageDocument
from innkeeper.interfaces.rest.problems import refusals
from innkeeper.interfaces.rest.visits import Creating, Here

router = APIRouter(prefix="/notifications", tags=["notifications"], route_class=Route)
Verbs = Annotated[list[Annotated[FileNews, Strict(False)]], Field(min_length=1, max_length=10)]


class NotificationDocument(BaseModel):
    """A user or group that hears of a folder."""

    id: str
    subject_kind: SubjectKind
    subject_id: str
    path: str
    is_recursive: bool = Field(description="The folders below are meant too.")
    verbs: list[FileNews] = Field(description="What is told.")
    frequency: Frequency = Field(description="How long news is gathered before it is told.")
    created_by: str | None = Field(description="Id of the user who made it; null for the system.")
    created_at: datetime
    changed_at: datetime


class NewNotification(BaseModel):
    """A notification to add."""

    model_config = ConfigDict(extra="forbid", strict=True)

    subject_kind: Annotated[SubjectKind, Strict(False)]
    subject_id: str = Field(max_length=200)
    path: Path
    verbs: Verbs = [FileNews.UPLOAD]
    frequency: Annotated[Frequency, Strict(False)] = Frequency.HOURLY
    is_recursive: bool = True


class NotificationFields(BaseModel):
    """What can be changed about a notification; what is absent stays."""

    model_config = ConfigDict(extra="forbid", strict=True)

    verbs: Verbs = [FileNews.UPLOAD]
    frequency: Annotated[Frequency, Strict(False)] = Frequency.HOURLY
    is_recursive: bool = True


@router.get("", response_model=PageDocument[NotificationDocument], responses=refusals(400))
async def list_notifications(
    visit: Here,
    subject_id: Annotated[str | None, Query(description="Id of a user or group.")] = None,
    path: Annotated[str | None, Query(max_length=4000, description="Of exactly this folder.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Any:
    """List notifications, for a user or group or of a folder."""
    page = await visit.read(notifications.page, subject_id=subject_id, path=path, limit=limit, cursor=cursor)
    items = [notification_document(one) for one in page.items]
    return PageDocument(items=items, next_cursor=page.next_cursor)


@router.post("", status_code=201, response_model=NotificationDocument, responses=CREATED | refusals(404, 409))
async def add_notification(visit: Creating, wanted: NewNotification) -> Response:
    """Let a user, or everyone in a group, hear of a folder from now on."""
    document = await visit.once(
        lambda made: plain(notification_document(made)),
        notifications.add,
        wanted.path,
        wanted.subject_kind,
        wanted.subject_id,
        verbs=tuple(wanted.verbs),
        frequency=wanted.frequency,
        is_recursive=wanted.is_recursive,
    )
    return created("notifications", document)


@router.get("/{notification_id}", response_model=NotificationDocument, responses=refusals(404))
async def show_notification(visit: Here, notification_id: str) -> Any:
    """Show a notification."""
    return notification_document(await visit.read(notifications.show, NotificationId(notification_id)))


@router.patch("/{notification_id}", response_model=NotificationDocument, responses=refusals(404))
async def edit_notification(visit: Here, notification_id: str, wanted: NotificationFields) -> Any:
    """Change what is told and how often; what was not told yet comes with the next mail."""
    values = wanted.model_dump(exclude_unset=True)
    return notification_document(await visit.write(_edit, NotificationId(notification_id), values))


@router.delete("/{notification_id}", status_code=204, responses=refusals(404))
async def remove_notification(visit: Here, notification_id: str) -> Response:
    """Take a notification away."""
    await visit.write(notifications.remove, NotificationId(notification_id))
    return nothing()


@router.post("/{notification_id}/refuse", status_code=204, responses=refusals(404))
async def refuse_notification(visit: Here, notification_id: str) -> Response:
    """Hear no more of a folder that one is told of; the others in the group still do."""
    await visit.write(notifications.refuse, NotificationId(notification_id))
    return nothing()


def notification_document(notification: Notification) -> NotificationDocument:
    """A notification as the API shows it."""
    names = NotificationDocument.model_fields
    return NotificationDocument(**{name: getattr(notification, name) for name in names})


def _edit(call: Call, notification_id: NotificationId, values: dict[str, Any]) -> Notification:
    known = notifications.show(call, notification_id)
    names = ("verbs", "frequency", "is_recursive")
    return notifications.edit(
        call, notification_id, **{name: values.get(name, getattr(known, name)) for name in names}
    )
