"""The operations of the exploration: a small world, a few students, and every step that can be taken about them.

A step names students by their texts: two e-mail addresses, a number, a card, an identifier, a first name. To rename
students is to put one student's texts in the place of another's, everywhere at once. The model compares texts of this
kind for equality and looks at nothing else but the domain of an address, so such a renaming is sound if
 - it is a permutation of whole students: an address that is a username as well is one text, and stays one;
 - an address keeps its domain;
 - the operations are closed: whatever is said of one student is said of every other (of two: of every other pair).
The first follows from how a renaming is made. The others are checked when they are made.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import permutations, product
from typing import Any

from attrs import evolve, field, frozen

from conformance.generation.arguments import arguments_for
from conformance.generation.history import ActionStep, FileStep, Step
from conformance.protocol.requests import ACTIONS, institution, world
from refmodel.cell import domain_of
from refmodel.columns import required_headers
from refmodel.serialization import world_of
from refmodel.world import World

WORLD: Mapping[str, Any] = world(
    institution("north", ["north.edu"], uses_sso=True, staff=["advisor@north.edu"]),
    institution("south", ["south.edu"], staff=["dean@south.edu"]),
    employers=["hr@employer.example"],
)
PLACES = ("north", "south")
NAMES = ("Ada", "Bo", "Cy", "Di")
ELSEWHERE = "south's doing"  # what causes something there is not told apart
Renaming = Mapping[str, str]  # text of a student → the same text of another


@frozen
class Person:
    """A student as the texts that are theirs."""

    name: str
    home: str  # an e-mail address of nobody's domain
    school: str  # one of north's
    username: str
    card: str
    auth: str

    @classmethod
    def numbered(cls, number: int) -> "Person":
        """The student of a number, from 0."""
        name = NAMES[number]
        low = name.lower()
        return cls(name, f"{low}@home.example", f"{low}@north.edu", str(number + 1), f"c{number + 1}", low)

    @property
    def texts(self) -> tuple[str, ...]:
        """All texts that are this student's, in one order for all students."""
        return self.name, self.home, self.school, self.username, self.card, self.auth

    @property
    def addresses(self) -> tuple[tuple[str, str], ...]:
        """Each address with the other one."""
        return (self.home, self.school), (self.school, self.home)


@frozen
class Operation:
    """One step that can be taken, and what it is called where it causes something: as north sees it."""

    cause: str
    step: Step
    under: frozenset[str] = frozenset()  # what more is said of the cause

    @property
    def key(self) -> str:
        """What tells operations apart: the request that is sent."""
        return json.dumps(self.step.request(), sort_keys=True)

    def renamed(self, renaming: Renaming) -> "Operation":
        """The same step about other students."""
        if isinstance(self.step, FileStep):
            rows = tuple(tuple(renaming.get(text, text) for text in row) for row in self.step.rows)
            return evolve(self, step=evolve(self.step, rows=rows))
        arguments = {name: _renamed(value, renaming) for name, value in self.step.arguments.items()}
        return evolve(self, step=evolve(self.step, arguments=arguments))


def _renamed(value: Any, renaming: Renaming) -> Any:
    return renaming.get(value, value) if isinstance(value, str) else value


@frozen
class Operations:
    """The operations, and the renamings under which they are closed; the first renaming leaves everything as it is.

    ValueError where the operations are not closed, or a renaming would move an address to another domain.
    """

    people: tuple[Person, ...]
    operations: tuple[Operation, ...]
    orders: tuple[tuple[int, ...], ...] = field()  # permutations of the people, by their places
    renamings: tuple[Renaming, ...] = field(init=False)
    moves: tuple[tuple[int, ...], ...] = field(init=False, repr=False)  # renaming → operation → operation

    @orders.default
    def _orders(self) -> tuple[tuple[int, ...], ...]:
        return tuple(permutations(range(len(self.people))))

    @renamings.default
    def _renamings(self) -> tuple[Renaming, ...]:
        return tuple(_renaming(self.people, order) for order in self.orders)

    @moves.default
    def _moves(self) -> tuple[tuple[int, ...], ...]:
        places = {operation.key: place for place, operation in enumerate(self.operations)}
        return tuple(tuple(self._moved(operation, r, places) for operation in self.operations) for r in self.renamings)

    def _moved(self, operation: Operation, renaming: Renaming, places: Mapping[str, int]) -> int:
        renamed = operation.renamed(renaming)
        if renamed.key not in places:
            raise ValueError(f"the operations are not closed under renaming: {renamed.step} is missing")
        return places[renamed.key]

    @cached_property
    def start(self) -> World:
        """The world before anything has happened."""
        return world_of(WORLD)

    def compose(self, later: int, earlier: int) -> int:
        """The renaming that does one after the other."""
        first, second = self.orders[earlier], self.orders[later]
        return self.orders.index(tuple(second[place] for place in first))

    def inverse(self, renaming: int) -> int:
        """The renaming that takes one back."""
        order = self.orders[renaming]
        return self.orders.index(tuple(order.index(place) for place in range(len(order))))


def _renaming(people: Sequence[Person], order: Sequence[int]) -> Renaming:
    pairs = {old: new for person, place in zip(people, order) for old, new in zip(person.texts, people[place].texts)}
    if moved := [old for old, new in pairs.items() if "@" in old and domain_of(old) != domain_of(new)]:
        raise ValueError(f"the renaming moves {moved[0]} to another domain")
    return pairs


# The operations.

STARRED = required_headers(True)
FULL = (*STARRED, "card_id", "primary_education:start_date", "disabled", "system_label_names")
Texts = dict[str, str]


def plain_row(person: Person, address: str, username: str, auth: str = "") -> Texts:
    """A row of the starred columns alone."""
    names = {"first_name": person.name, "last_name": "Lee"}
    return {"email_address": address, "username": username, "auth_identifier": auth, **names}


def as_the_school_has(person: Person, address: str = "", username: str = "") -> Texts:
    """The row by which a school's system knows a student, maybe with another address or number."""
    return plain_row(person, address or person.school, username or person.username, person.auth)


def as_signed_up(person: Person) -> Texts:
    """The row that says of a student what their own account says."""
    return plain_row(person, person.home, person.home)


def archiving(person: Person) -> Texts:
    """What a row says besides that fills the columns and archives."""
    dates = {"primary_education:start_date": "2016-09-01", "primary_education:end_date": "2020-06-30"}
    return {"card_id": person.card, **dates, "disabled": "TRUE", "system_label_names": "chess"}


RETURNING = {
    "card_id": "**CLEAR**",
    "primary_education:end_date": "2015-06-30",  # before the start, where there is one
    "disabled": "FALSE",
    "system_label_names": "",
}


def files(header: tuple[str, ...], *rows: Texts, place: str = "north", says: str = "") -> Iterator[Operation]:
    """A file, without and with the setting."""
    cells = tuple(tuple(row.get(name, "") for name in header) for row in rows)
    for setting in (False, True):  # no rule asks for the mode: only the setting makes a difference
        under = frozenset(filter(None, (says, "with the setting" if setting else "")))
        step = FileStep(place, header, cells, "manual" if setting else "automatic", setting)
        yield Operation("file", step, under) if place == "north" else Operation(ELSEWHERE, step)


def files_about(person: Person) -> Iterator[Operation]:
    """The files of which every row is about one student."""
    school, own, moved = as_the_school_has(person), as_signed_up(person), as_the_school_has(person, person.home)
    for row in (school, own, moved):
        yield from files(STARRED, row)
    for row in (school, own):
        yield from files(FULL, row | archiving(person), says="saying TRUE")
    yield from files(FULL, school | RETURNING, says="saying FALSE")
    yield from files(STARRED, school, moved)
    yield from files(STARRED, plain_row(person, person.home, person.username), place="south")


def files_about_two(person: Person, other: Person) -> Iterator[Operation]:
    """The files in which something of one student meets something of another."""
    school = as_the_school_has(person)
    yield from files(STARRED, as_the_school_has(person, username=other.username))
    yield from files(STARRED, school, as_the_school_has(other))
    yield from files(STARRED, plain_row(person, person.home, person.username, other.auth))
    yield from files(FULL, school | archiving(person), as_signed_up(other) | archiving(other), says="saying TRUE")
    swapped = as_the_school_has(person, username=other.username), as_the_school_has(other, username=person.username)
    yield from files(STARRED, *swapped)


def files_about_nobody() -> Iterator[Operation]:
    """A file that is refused whole, and one without rows."""
    yield from files(STARRED[:-1])
    yield from files(STARRED)


def action(name: str, more: str = "", **arguments: Any) -> Operation:
    """Something that somebody does."""
    elsewhere = arguments.get("institution") == "south" and name != "switch_institution"
    return Operation(ELSEWHERE if elsewhere else f"{name} {more}".rstrip(), ActionStep(name, arguments))


def actions_about(person: Person) -> Iterator[Operation]:
    """What people do about one student; what nothing particular is known of is north's, and is done in one way."""
    yield from (particular := list(particular_actions_about(person)))
    known = {operation.step.action for operation in particular if isinstance(operation.step, ActionStep)}
    for name, (email, _) in product((name for name in ACTIONS if name not in known), person.addresses):
        yield action(name, "", **arguments_for(name, {"institution": "north", "email": email}))


def particular_actions_about(person: Person) -> Iterator[Operation]:
    """What people do about one student, by either address."""
    for email, other in person.addresses:
        yield action("sign_up", email=email, first_name=person.name, last_name="Lee")
        yield action("confirm_email", email=email)
        yield action("sign_in", email=email, via="password")
        yield action("sign_in", email=email, via="sso", institution="north", attribute=person.auth)
        for place in PLACES:
            yield from actions_at(place, email)
        yield from actions_at_north(email, other)


def actions_at(place: str, email: str) -> Iterator[Operation]:
    """How a student comes to a place, or is not let in."""
    at = {"institution": place, "email": email}
    for name in ("request_access", "approve", "decline", "add_by_email", "delete_pending"):
        yield action(name, **at)
    yield action("switch_institution", f"to {place}", **at)


def actions_at_north(email: str, other: str) -> Iterator[Operation]:
    """What only north's staff do here: south is where students come from and go to."""
    at = {"institution": "north", "email": email}
    yield action("change_email", new_email=other, **at)
    yield action("edit_profile", changes={"primary_education:start_date": "2019-09-01"}, **at)
    for said in (True, False):
        yield action("set_disabled", str(said).lower(), disabled=said, **at)
        yield action("set_excluded", str(said).lower(), excluded=said, **at)


def operations_for(students: int) -> Operations:
    """The operations about so many students, 1 to 4."""
    if not 1 <= students <= len(NAMES):
        raise ValueError(f"1 to {len(NAMES)} students can be explored, not {students}")
    people = tuple(map(Person.numbered, range(students)))
    operations = [*files_about_nobody()]
    for person in people:
        operations += [*actions_about(person), *files_about(person)]
        operations += [
            operation for other in people if other is not person for operation in files_about_two(person, other)
        ]
    return Operations(people, tuple(operations))
