"""The scenario pages: documentation of the semantics whose examples are the tests.

A page is Markdown. `# Title` names it, and each `## Heading` begins an example, which says which rules it
shows in a paragraph `Rules: `name`, `name``, the one that it is there for in front. One that turns on a detail
whose basis is weaker than its rule's says so behind them: `(chosen: how characters are counted)`. Fenced blocks are the
steps; the first word of their info string is for the reader's highlighter, the second says what they are:

    ```json world                              the institutions and employers; before the first example: of all
    ```csv file north manual sensitive         a file and its job (also: automatic, preview, mm/dd/yyyy)
    ```csv file north bytes                    the same, written as bytes: line breaks do not count, \\n and \\xE9 do,
                                               and a\\{300} is a text of 300 times a
    ```text report                             what became of the file above: `1 created`, `2 failed {…}`, `refused`
    ```csv failed-rows                         the failed rows of the file above
    ```text do                                 actions, a line each: `approve institution=north email=a@north.edu`
                                               and behind it, where it is not done, `-> refused` (access, no access)
    ```csv students                            all students there are now, in the columns that the header names

A file without a report is there to begin with: no row of it may fail.
"""

import base64
import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from attrs import evolve, frozen
from markdown_it import MarkdownIt
from markdown_it.token import Token

from conformance.protocol.narrowing import narrowed_requests
from conformance.protocol.requests import OBSERVE, Request
from refmodel.catalogue import CATALOGUE
from refmodel.rule_text import Basis

INSTITUTION = {"domains": [], "uses_sso": False, "campuses": [], "vocabulary": "eu", "staff": []}


class ScenarioError(ValueError):
    """A page is not written as pages are; the text says which page, which line and what to do."""


@frozen
class Step:
    """One request of an example, the line of the page it is on, and what the page says comes of it."""

    line: int
    request: Request
    report: tuple[str, ...] | None = None  # the lines of a report, or the end of an action's line
    failed_rows: str | None = None
    students: str | None = None


@frozen
class Example:
    """One example of a page: its rules, the one it is there for in front, and its steps."""

    page: str
    heading: str
    line: int
    rules: tuple[str, ...]
    world: Mapping[str, Any]
    steps: tuple[Step, ...]
    basis: Basis | None = None  # of the detail that it turns on, where that is weaker than the basis of its rule

    @property
    def slug(self) -> str:
        """The heading as part of a name."""
        return re.sub(r"[^a-z0-9]+", "-", self.heading.lower()).strip("-")

    @property
    def id(self) -> str:
        """The name of its test: the rule, the page and the heading."""
        return f"{self.rules[0]}-{self.page}-{self.slug}"

    @property
    def requests(self) -> tuple[Request, ...]:
        """The conversation: a reset, and each step followed by an observation."""
        reset: Request = {"op": "reset", "world": full_world(self.world)}
        return (reset, *(request for step in self.steps for request in (step.request, OBSERVE)))

    @property
    def operations(self) -> frozenset[str]:
        """The optional operations that it needs: preview, and actions."""
        names = (step.request.get("action", step.request["op"]) for step in self.steps)
        return frozenset(names) - {"import"}


def full_world(world: Mapping[str, Any]) -> dict[str, Any]:
    """A world as the protocol writes it out: nothing left out, every text as the page has it."""
    institutions = [INSTITUTION | dict(institution) for institution in world.get("institutions", ())]
    return {"institutions": institutions, "employers": list(world.get("employers", ()))}


@cache
def pages() -> Mapping[str, str]:
    """Name of a page → its text, for all pages that the suite comes with."""
    folder = files("conformance.cases.scenarios") / "pages"
    found = sorted(folder.iterdir(), key=lambda entry: entry.name)
    return {entry.name.removesuffix(".md"): entry.read_text("utf-8") for entry in found if entry.name.endswith(".md")}


@cache
def examples() -> tuple[Example, ...]:
    """Every example of every page."""
    return tuple(example for name, text in pages().items() for example in examples_of(name, text))


def examples_of(page: str, text: str) -> tuple[Example, ...]:
    """The examples of one page. ScenarioError where something in it is not understood."""
    opening, *sections = _sections(MarkdownIt().parse(text))
    world = _world(page, opening) or {"institutions": []}
    found = tuple(_example(page, section, world) for section in sections)
    return tuple(example for example in found if example.steps)


# From Markdown to steps.


@frozen
class Section:
    """A heading, the line it is on, and the tokens below it."""

    heading: str
    line: int
    tokens: tuple[Token, ...]

    @property
    def fences(self) -> Iterator[tuple[int, list[str], str]]:
        """The fenced blocks: line, words of the info string behind the first, content."""
        for token in self.tokens:
            if token.type == "fence" and len(token.info.split()) > 1:
                yield (token.map or [0])[0] + 1, token.info.split()[1:], token.content


def _sections(tokens: list[Token]) -> list[Section]:
    found, heading, line, gathered = [], "", 1, list[Token]()
    for number, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h2":
            found.append(Section(heading, line, tuple(gathered)))
            heading, line, gathered = tokens[number + 1].content, (token.map or [0])[0] + 1, []
        gathered.append(token)
    return [*found, Section(heading, line, tuple(gathered))]


def _world(page: str, section: Section) -> Mapping[str, Any] | None:
    for line, words, content in section.fences:
        if words == ["world"]:
            try:
                world: Mapping[str, Any] = json.loads(content)
            except ValueError as error:
                raise ScenarioError(f"{page}.md, line {line}: the world is no JSON: {error}") from None
            return world
    return None


def _example(page: str, section: Section, world: Mapping[str, Any]) -> Example:
    steps: list[Step] = []
    for line, words, content in section.fences:
        if words != ["world"]:
            steps = _with_block(page, line, words, content, steps)
    rules, basis = _rules(page, section) if steps else ((), None)
    return Example(page, section.heading, section.line, rules, _world(page, section) or world, tuple(steps), basis)


WEAKER: Mapping[str, Basis] = {"inferred": "inferred", "chosen": "chosen"}


def _rules(page: str, section: Section) -> tuple[tuple[str, ...], Basis | None]:
    for token in section.tokens:
        if token.type == "inline" and re.match(r"Rules?: ", token.content):
            names = tuple(re.findall(r"`(\w+)`", token.content))
            unknown = [name for name in names if name not in CATALOGUE]
            if names and not unknown:
                detail = re.search(r"\((\w+): .*\)$", token.content)
                return names, WEAKER.get(detail[1]) if detail else None
            raise ScenarioError(f"{page}.md, line {section.line}: no such rule: {', '.join(unknown) or 'none named'}")
    raise ScenarioError(f"{page}.md, line {section.line}: an example says which rules it shows: `Rules: `name``")


def _with_block(page: str, line: int, words: list[str], content: str, steps: list[Step]) -> list[Step]:
    kind, *settings = words
    before, last = steps[:-1], steps[-1] if steps else None
    match kind:
        case "file":
            return [*steps, Step(line, file_request(settings, content))]
        case "do":
            return [*steps, *_actions(line, content)]
        case "report" if last:
            return [*before, evolve(last, report=tuple(content.splitlines()))]
        case "failed-rows" if last:
            return [*before, evolve(last, failed_rows=content)]
        case "students" if last:
            return [*before, evolve(last, students=content)]
    raise ScenarioError(f"{page}.md, line {line}: a block {kind!r} is not understood here")


def file_request(settings: list[str], content: str) -> Request:
    """The request that imports the content of a block under the settings of its info string."""
    institution, *flags = settings
    return {
        "op": "preview" if "preview" in flags else "import",
        "institution": institution,
        "mode": "manual" if "manual" in flags else "automatic",
        "change_sensitive_fields": "sensitive" in flags,
        "date_format": "mm/dd/yyyy" if "mm/dd/yyyy" in flags else "yyyy-mm-dd",
        "csv": base64.b64encode(spelled_out(content) if "bytes" in flags else content.encode()).decode("ascii"),
    }


CHARACTER = re.compile(r"(?:\\(?P<escape>[nrt\\]|x[0-9A-Fa-f]{2})|(?P<itself>.))(?:\\\{(?P<times>[0-9]+)\})?")
MEANT = {"n": b"\n", "r": b"\r", "t": b"\t", "\\": b"\\"}


def spelled_out(content: str) -> bytes:
    r"""The bytes that a block of bytes spells: its line breaks do not count, `\n` and `\xE9` do, `a\{3}` is `aaa`."""
    return b"".join(map(_spelled, CHARACTER.finditer(content.replace("\n", ""))))


def _spelled(character: re.Match[str]) -> bytes:
    escape, itself, times = character.groups()
    once: bytes = itself.encode() if itself else MEANT.get(escape) or bytes.fromhex(escape[1:])
    return once * int(times or 1)


def _actions(line: int, content: str) -> Iterator[Step]:
    for number, text in enumerate(content.splitlines(), start=1):
        command, _, result = text.partition("->")
        action, *words = shlex.split(command)
        arguments = dict(word.partition("=")[::2] for word in words)
        request = {"op": "do", "action": action} | {name: _argument(value) for name, value in arguments.items()}
        yield Step(line + number, request, (result.strip() or "done",))


def _argument(text: str) -> Any:
    if text in ("true", "false") or text.startswith("{"):
        return json.loads(text)
    return text


def narrowed(example: Example, columns: Iterable[str]) -> Example:
    """The example without the columns that an importer does not store."""
    requests = narrowed_requests((step.request for step in example.steps), columns)
    return evolve(example, steps=tuple(evolve(step, request=r) for step, r in zip(example.steps, requests)))
