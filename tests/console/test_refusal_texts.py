"""Every refusal can be shown in German: its template is written out where it is raised, not put together."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.console.catalogue import PACKAGE, every_text, german

# What is raised here never reaches the console.
ENGLISH_ONLY = ("interfaces/cli", "interfaces/rest", "interfaces/sftp", "demo")
# Where the template stands among the arguments.
PLACES = {"Problem": 2, "Expected": 0, "Text": 0, "N_": 0}
WORD = re.compile(r"[a-z]{2}", re.IGNORECASE)
GAP = re.compile(r"%\((\w+)\)[sd]")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Module:
    """One file, and what is wrong with the refusals in it."""

    name: str
    tree: ast.Module
    templates: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    @property
    def is_shown(self) -> bool:
        return not self.name.startswith(ENGLISH_ONLY)

    def look(self, places: dict[str, int], refusals: set[str]) -> None:
        for scope, call in _calls(self.tree, self.tree):
            place = places.get(_name(call.func))
            if place is not None:
                self._judge(_argument(call, place), scope, is_named=False)
                self._compare(call)
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ClassDef) and node.name in refusals:
                self._judge_beginning(node)

    def _judge_beginning(self, node: ast.ClassDef) -> None:
        for scope, call in _calls(node, node):
            if ast.unparse(call.func) == "super().__init__":
                self._judge(_argument(call, 0), scope, is_named=False)

    def _judge(self, node: ast.expr | None, scope: ast.AST, *, is_named: bool) -> None:
        """A template is written out; behind a name it is marked as well, so that Babel finds it."""
        if isinstance(node, ast.Name):
            for value in _values(node.id, scope, self.tree):
                self._judge(value, scope, is_named=True)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            self.templates.add(node.value)
            if is_named and has_words(node.value):
                self.faults.append(f"{self.name}:{node.lineno}: {node.value!r} is not marked")
        elif node is not None and not _is_from_elsewhere(node):
            self.faults.append(f"{self.name}:{node.lineno}: {ast.unparse(node)}")

    def _compare(self, call: ast.Call) -> None:
        """A template has the gaps for which there are parameters."""
        template = call.args[0] if call.args else None
        if not isinstance(template, ast.Constant) or _name(call.func) in ("N_", "NotFound", "Problem"):
            return
        gaps = set(GAP.findall(str(template.value)))
        given = {keyword.arg for keyword in call.keywords}
        if len(call.args) > 1 and isinstance(call.args[1], ast.Dict):
            given |= {str(key.value) if isinstance(key, ast.Constant) else None for key in call.args[1].keys}
        if len(call.args) <= 1 or isinstance(call.args[1], ast.Dict):
            is_right = gaps == given or (None in given and given - {None} <= gaps)
            self.faults += [] if is_right else [f"{self.name}:{call.lineno}: {gaps} is given {given}"]


def has_words(template: str) -> bool:
    """There is something to translate beside the gaps."""
    return bool(WORD.search(GAP.sub("", template)))


def _is_from_elsewhere(node: ast.expr) -> bool:
    """What functions answer, and what attributes and containers hold, was marked where it was written."""
    is_answer = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id != "str"
    return is_answer or isinstance(node, ast.Attribute | ast.Subscript)


def _calls(node: ast.AST, scope: ast.AST) -> Iterator[tuple[ast.AST, ast.Call]]:
    """Every call with the function or class around it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield scope, child
        inside = child if isinstance(child, Function | ast.ClassDef) else scope
        yield from _calls(child, inside)


def _values(name: str, scope: ast.AST, tree: ast.Module) -> list[ast.expr]:
    """All that is ever bound to a name in this function, or else in the module; nothing for a parameter."""
    for place in (scope, tree):
        found = [
            node.value
            for node in (ast.walk(place) if place is not tree else iter(tree.body))
            if isinstance(node, ast.Assign)
            and any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
        ]
        if found:
            return found
    return []


def _argument(call: ast.Call, place: int) -> ast.expr | None:
    named = [keyword.value for keyword in call.keywords if keyword.arg == "expected"]
    return call.args[place] if len(call.args) > place else next(iter(named), None)


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _classes(modules: list[Module]) -> dict[str, ast.ClassDef]:
    """Every class that is Refused or comes from it, by name."""
    classes = [node for module in modules for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef)]
    found = {node.name: node for node in classes if node.name == "Refused"}
    while True:
        more = {
            node.name: node
            for node in classes
            if node.name not in found and any(_name(parent) in found for parent in node.bases)
        }
        if not more:
            return found
        found |= more


def _with_template(classes: dict[str, ast.ClassDef]) -> set[str]:
    """The refusals that are raised with a template: those that leave the beginning to Refused."""
    own = {
        name
        for name, node in classes.items()
        if any(isinstance(part, ast.FunctionDef) and part.name == "__init__" for part in node.body)
    }
    return {name for name in classes if name not in own or name in ("Refused", "NotFound")}


def look_at(sources: dict[str, str]) -> list[Module]:
    modules = [Module(name, ast.parse(source)) for name, source in sources.items()]
    classes = _classes(modules)
    for module in modules:
        module.look(PLACES | dict.fromkeys(_with_template(classes), 0), set(classes))
    return modules


@pytest.fixture(scope="module")
def modules() -> list[Module]:
    paths: list[Path] = sorted(PACKAGE.rglob("*.py"))
    return look_at({path.relative_to(PACKAGE).as_posix(): path.read_text() for path in paths})


def test_no_refusal_is_put_together(modules: list[Module]) -> None:
    assert [fault for module in modules for fault in module.faults] == []


def test_every_refusal_is_marked_and_in_the_german_catalogue(modules: list[Module]) -> None:
    wanted = {
        template
        for module in modules
        if module.is_shown
        for template in module.templates
        if has_words(template)
    }
    known = {message.id for message in german() if message.id and message.string}

    assert len(wanted) > 120
    assert wanted - known == set()
    assert wanted - every_text() == set()


@pytest.mark.parametrize(
    "line",
    [
        'raise Gone(f"{name} is gone")',
        'raise Gone("it is " + name)',
        'raise Gone("it is gone: {}".format(name))',
        'words = f"{name}"; raise Gone(words)',
        'words = "nobody marked this"; raise Gone(words)',
        'raise Gone("gone", Problem("name", name, f"{name}"))',
        'raise Gone("gone", Problem("name", name, Text(f"{name}")))',
        'raise Expected(", ".join(name))',
        'raise Gone("%(name)s is gone", nome=name)',
        'raise Gone("gone", Problem("name", name, Text("at most %(limit)s", {"most": 3})))',
    ],
)
def test_the_check_finds(line: str) -> None:
    source = f"class Refused: ...\nclass Gone(Refused): ...\ndef verb(name):\n    {line}\n"

    assert len(look_at({"actions/verbs.py": source})[0].faults) == 1


def test_the_check_looks_into_refusals_of_ones_own() -> None:
    beginning = "def __init__(self, name): super().__init__(f'{name}')"
    source = f"class Refused: ...\nclass Gone(Refused):\n    {beginning}\n"

    assert len(look_at({"actions/verbs.py": source})[0].faults) == 1
