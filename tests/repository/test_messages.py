"""Messages to users do not repeat what Python and libraries say to programmers: names of classes, types, arguments."""

import ast
from collections.abc import Iterator

import pytest

from tests.support.paths import ROOT

# What Python and libraries raise for mistakes in programs: what they say names classes, types and arguments.
PROGRAMMERS = {
    "Exception", "BaseException", "TypeError", "KeyError", "AttributeError", "LookupError", "IndexError", "ImportError",
    "MsgspecError", "DecodeError", "ValidationError", "NameError", "RecursionError",
}  # fmt: skip
APART = {
    "conformance/transport/in_process.py": "an importer in Python is told of its own mistakes in Python's words",
    "conformance/transport/json_values.py": "what the parser says of text that is not JSON is about that text",
    "conformance/protocol/responses.py": "it puts what the decoder says in words of its own",
    "refmodel/cli/state_format.py": "what the parser says of text that is not JSON is about that text",
}
FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for package in ("refmodel", "conformance")
    for path in (ROOT / package).rglob("*.py")
    if "implementations" not in path.parts and path.relative_to(ROOT).as_posix() not in APART
)


def caught(handler: ast.ExceptHandler) -> set[str]:
    """The names of what a handler catches."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return {getattr(kind, "attr", getattr(kind, "id", "")) for kind in kinds}


def said(handler: ast.ExceptHandler) -> Iterator[int]:
    """The lines of a handler that make a text of the whole exception."""
    for node in ast.walk(handler):
        if not isinstance(node, ast.expr):
            continue
        shown = node.value if isinstance(node, ast.FormattedValue) else None
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("str", "repr") and node.args:
            shown = node.args[0]
        if isinstance(shown, ast.Name) and shown.id == handler.name:
            yield node.lineno


def handlers(path: str) -> list[ast.ExceptHandler]:
    """All handlers of a file."""
    return [node for node in ast.walk(ast.parse((ROOT / path).read_text())) if isinstance(node, ast.ExceptHandler)]


@pytest.mark.parametrize("path", FILES)
def test_no_message_repeats_what_python_says_to_programmers(path: str) -> None:
    """The text of an exception that tells of a mistake in a program is never made a part of another text."""
    assert [line for handler in handlers(path) if caught(handler) & PROGRAMMERS for line in said(handler)] == []


def test_there_is_something_to_look_at() -> None:
    """Handlers are found, and a text that is made of what was caught is seen."""
    assert sum(len(handlers(path)) for path in FILES) > 50
    source = "try: pass\nexcept (TypeError, OSError) as e:\n    raise ValueError(f'no: {e}') from None\n"
    (handler,) = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ExceptHandler))
    assert caught(handler) == {"TypeError", "OSError"}
    assert list(said(handler)) == [3]
