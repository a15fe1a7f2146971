"""Theme and language of this browser, for people who are signed in and for those who are not yet."""

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.interfaces.console.cookies import keep_preference
from innkeeper.interfaces.console.paths import own_path
from innkeeper.interfaces.console.reader import THEMES
from innkeeper.interfaces.console.visits import Visit, open_to_all


async def keep(visit: Visit) -> Response:
    """Remember what was chosen, and go back to where it was chosen."""
    data = await visit.form()
    back = str(data.get("next", "")) or visit.request.headers.get("Referer", "")
    answer = visit.go(own_path(back, visit.request))
    theme, language = str(data.get("theme", "")), str(data.get("language", ""))
    if theme in THEMES:
        keep_preference(answer, "theme", theme)
    if language in visit.console.rendering.languages.catalogues:
        keep_preference(answer, "language", language)
    return answer


ROUTES = [Route("/preferences", open_to_all(keep), methods=["POST"])]
