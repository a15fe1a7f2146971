"""“Could they come in?” on a user's page: one door, one address, and the door's own answer."""

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import admission
from innkeeper.domain.errors import Refused
from innkeeper.interfaces.console import owners
from innkeeper.interfaces.console.admissions import told
from innkeeper.interfaces.console.forms import Form
from innkeeper.interfaces.console.owners import owner_of
from innkeeper.interfaces.console.visits import Visit, signed_in


async def show(visit: Visit) -> Response:
    """The tab with the answer; the address of the question can be kept and passed on."""
    owner = owner_of(visit)
    door, address = visit.query("interface"), visit.query("address")
    form = Form({"interface": [door], "address": [address]}, prefix="admission")
    try:
        found = await visit.read(admission.explain, owner.id, door, address)
    except Refused as refused:
        return await owners.refused(visit, owner, "security", "admission", form.refuse(refused, visit.text))
    shown = await owners.context(visit, owner, "security")
    answer = told(visit, shown["user"], found)
    forms = owners.default_forms() | {"admission": form}
    return visit.page(owner.template, **{**shown, "forms": forms, "admission": answer})


ROUTES = [Route("/users/{user}/admission", signed_in(show))]
