"""Every component in every state: the page that tests and designers look at."""

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.interfaces.console.charts import Column
from innkeeper.interfaces.console.forms import Form
from innkeeper.interfaces.console.visits import Visit, signed_in


async def show(visit: Visit) -> Response:
    """The specimens, with one field that is wrong."""
    form = Form(
        {"username": ["bob smith"], "protocols": ["sftp"]},
        {"username": visit.text("Someone else has this user name already.")},
    )
    series = [
        Column(visit.times.short_day(day), 4 + index * 37 % 60, 23 if index == 18 else index * 7 % 5)
        for index, day in enumerate(visit.times.last_days(30))
    ]
    return visit.page("components", form=form, series=series)


ROUTES = [Route("/_ui", signed_in(show))]
