"""The life of an account, as one institution sees it: a picture that is computed from an exploration."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from attrs import frozen

from conformance.search.exhaustive.breadth import Limits
from conformance.search.exhaustive.exploration import Exploration
from conformance.search.exhaustive.operations import Operation, operations_for
from conformance.search.exhaustive.states import State
from refmodel.world import Account

Stage = Literal["unconnected", "pending", "declined", "connected", "excluded", "archived", "elsewhere", "gone", "new"]
DEPTH = 5  # of the histories that the picture is drawn from
HERE = "north"
STYLES: Mapping[Stage, str] = {  # in the order in which they are drawn
    "new": "fill:#ffffff,stroke:#616161,stroke-dasharray:4 3,color:#212121",
    "unconnected": "fill:#f5f5f5,stroke:#616161,color:#212121",
    "pending": "fill:#fff8e1,stroke:#b26a00,color:#212121",
    "declined": "fill:#fbe9e7,stroke:#bf360c,color:#212121",
    "connected": "fill:#e8f5e9,stroke:#1b5e20,stroke-width:3px,color:#212121",
    "archived": "fill:#ede7f6,stroke:#4527a0,color:#212121",
    "excluded": "fill:#e3f2fd,stroke:#0d47a1,color:#212121",
    "elsewhere": "fill:#eceff1,stroke:#263238,color:#212121",
    "gone": "fill:#ffffff,stroke:#616161,stroke-dasharray:4 3,color:#212121",
}


BREAK = "<br/>"
LAYOUT = '%%{init: {"flowchart": {"nodeSpacing": 60, "rankSpacing": 60}}}%%'


@frozen(order=True)
class StageChange:
    """A stage of an account's life, and the next one."""

    before: Stage
    after: Stage


def stage(account: Account) -> Stage:
    """Where an account stands, as the institution sees it that is drawn here."""
    if account.institution is None:
        return "pending" if account.pending_at == HERE else "declined" if HERE in account.declined_by else "unconnected"
    if account.institution != HERE:
        return "elsewhere"
    return "archived" if account.disabled else "excluded" if account.excluded_from_sync else "connected"


def says_all(account: Account) -> bool:
    """Whether the stage says all: an archived student who is excluded as well, or is pending, is in no picture."""
    now = stage(account)
    return account.disabled == (now == "archived") and account.excluded_from_sync == (now == "excluded")


def changes_of(exploration: Exploration, limits: Limits) -> dict[StageChange, tuple[Operation, ...]]:
    """Every turn that an account's life takes within some limits, with the operations that cause it."""
    found: dict[StageChange, set[int]] = {}

    def follow(state: State) -> Iterator[tuple[int, State]]:
        for transition in exploration.transitions(state):
            for change in changes(transition.before.accounts, transition.taken.after.accounts):
                found.setdefault(change, set()).add(transition.ready.place)
            yield transition.ready.place, transition.after

    exploration.search.run(follow, limits)
    operations = exploration.operations.operations
    return {change: tuple(operations[place] for place in sorted(places)) for change, places in found.items()}


def changes(before: Mapping[int, Account], after: Mapping[int, Account]) -> Iterator[StageChange]:
    """The turns between two worlds."""
    if before is after:
        return
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        if old is not new and all(account is None or says_all(account) for account in (old, new)):
            change = StageChange(stage(old) if old else "new", stage(new) if new else "gone")
            if change.before != change.after:
                yield change


def causes(operations: Sequence[Operation]) -> tuple[str, ...]:
    """What causes a turn: an operation is left out where another one causes it of which less is said."""
    least = {
        (operation.cause, operation.under)
        for operation in operations
        if not any(other.cause == operation.cause and other.under < operation.under for other in operations)
    }
    return tuple(sorted(" ".join((cause, *sorted(under))) for cause, under in least))


def drawn(found: Mapping[StageChange, Sequence[Operation]]) -> str:
    """The picture, as text that Mermaid draws."""
    stages = [name for name in STYLES if any(name in (change.before, change.after) for change in found)]
    lines = [f"    {name}({name})" for name in stages]
    lines += [arrow for before in stages for after in stages for arrow in arrows(StageChange(before, after), found)]
    lines += [f"    style {name} {STYLES[name]}" for name in stages]
    return "\n".join((LAYOUT, "flowchart TB", *lines))


def arrows(change: StageChange, found: Mapping[StageChange, Sequence[Operation]]) -> Iterator[str]:
    """The arrow of a turn; there and back are one arrow, for two would lie upon each other."""
    back = StageChange(change.after, change.before)
    if change in found and back not in found:
        yield f'    {change.before} -->|"{BREAK.join(causes(found[change]))}"| {change.after}'
    elif change in found and list(STYLES).index(change.before) < list(STYLES).index(change.after):
        there = (f"<b>to {change.after}</b>", *causes(found[change]), "<b>back</b>", *causes(found[back]))
        yield f'    {change.before} <-->|"{BREAK.join(there)}"| {change.after}'


PAGE = """# The life of an account

What can become of one student's account, as the institution `{here}` sees it. The picture is not drawn by hand: it is
computed from every history of up to {depth} steps about one student, in a world with one more institution, `south`.
`python -m conformance explore --life` computes it again.

```mermaid
{picture}
```

- `new` is nobody's account yet; `gone` is one that was deleted, and its address is free again.
- `unconnected`, `pending` and `declined` have no institution: {here} was not asked, has not answered yet, or has turned
  them away.
- `connected` students are {here}'s. So are the `archived` ones, by a file that says so or in the app, and the
  `excluded` ones, whom no file updates.
- `elsewhere` means connected to south.

Beside an arrow stands all that causes it, and where less suffices no more: where a file does, a file with the setting
does as well. Not in the picture are students of whom their place does not say all: who is archived and excluded at
once, or either of them without being connected here, goes the same ways and keeps that.
"""


def page() -> str:
    """The page of the documentation, as Markdown."""
    picture = drawn(changes_of(Exploration(operations_for(1)), Limits(depth=DEPTH)))
    return PAGE.format(here=HERE, depth=DEPTH, picture=picture)
