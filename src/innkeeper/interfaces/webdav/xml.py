"""XML in and out. What comes in may have no document type, so there are no entities that could grow."""

from xml.etree.ElementTree import Element, TreeBuilder, tostring
from xml.parsers import expat
from xml.sax.saxutils import escape

from innkeeper.domain.errors import Invalid, Problem

DAV = "{DAV:}"
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
MOST_BYTES = 1 << 20
_MOST_LEVELS = 100


def parse(data: bytes) -> Element:
    """The document's element, names as `{namespace}name`. Raises Invalid for anything doubtful."""
    builder = TreeBuilder()
    try:
        _parser(builder).Parse(data, True)
        return builder.close()
    except (expat.ExpatError, AssertionError, UnicodeError, LookupError):
        raise _doubtful() from None


def text_of(element: Element) -> str:
    """An element as XML that stands alone."""
    return tostring(element, encoding="unicode")


def empty(name: str) -> str:
    """An element without content, from its name as `{namespace}name`."""
    namespace, _, local = name[1:].rpartition("}") if name.startswith("{") else ("", "", name)
    if namespace == "DAV:":
        return f"<D:{local}/>"
    return f'<x:{local} xmlns:x="{escaped(namespace)}"/>' if namespace else f"<{local}/>"


def escaped(text: str) -> str:
    """Text as it stands in XML. Characters that XML cannot hold become question marks."""
    clean = "".join(c if c >= " " or c in "\t\n\r" else "?" for c in text)
    return escape(clean.encode("utf-8", "replace").decode(), {'"': "&quot;"})


def error(*conditions: str) -> str:
    """The body that names the precondition that failed (section 16)."""
    return f'{HEAD}<D:error xmlns:D="DAV:">{"".join(conditions)}</D:error>'


def _parser(builder: TreeBuilder) -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator="}")
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _MOST_LEVELS:
            raise _doubtful()
        builder.start(_named(name), {_named(key): value for key, value in attributes.items()})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_named(name))

    def declare(prefix: str | None, uri: str | None) -> None:
        if prefix and not uri:  # Namespaces in XML 1.0, section 2.2
            raise _doubtful()

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartNamespaceDeclHandler = declare
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    return parser


def _refuse(*_: object) -> None:
    raise _doubtful()


def _named(name: str) -> str:
    return "{" + name if "}" in name else name


def _doubtful() -> Invalid:
    return Invalid(Problem("body", "", "well-formed XML without a document type"))
