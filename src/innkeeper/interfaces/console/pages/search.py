"""The search box: people, groups, folders, pages, settings, and what people paste."""

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.interfaces.console import searching
from innkeeper.interfaces.console.visits import Visit, signed_in


async def show(visit: Visit) -> Response:
    """Suggestions while typing; without JavaScript a page, or the best page at once."""
    query = visit.query("q").strip()
    found = await visit.read(searching.search, query, visit.reader, visit.text)
    if not visit.fragment and found and found[0].leads:
        return visit.go(found[0].hits[0].href)
    return visit.page("search", groups=found, query=query, count=sum(len(group.hits) for group in found))


ROUTES = [Route("/search", signed_in(show))]
