"""`refmodel new`, `refmodel show` and `refmodel export`: a state is created, shown, and its students are exported."""

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import astuple, frozen

from refmodel.cell import normal_email
from refmodel.cli.applying import is_same_file
from refmodel.cli.beginnings import Detail, SlipError, checked
from refmodel.cli.options import check_institution
from refmodel.cli.state_file import begin, check_target, check_vacant, read_beginning, read_world, written
from refmodel.cli.streams import after
from refmodel.cli.terminal import as_json, heading, line, table, write_bytes
from refmodel.cli.usage import UsageError
from refmodel.explain.examples import shown
from refmodel.serialization import export, institution_as_data, observed
from refmodel.wording import did_you_mean
from refmodel.world import Account, Institution, World

# new


def create_state(state: Path, beginning: Path | None, world: World | None, force: bool) -> None:
    """Save the first state of a world, from a file or from options."""
    if beginning is not None and world is not None:
        raise UsageError("--from says all there is to say: leave the other options out, or leave --from out")
    if beginning is not None and is_same_file(beginning, state):
        raise UsageError(f"--from {beginning}: this is the state itself; name another file for the state")
    begun = read_beginning(beginning) if beginning is not None else world or World.of()
    begin(state, begun, force)
    with after(f"{state} has been saved"):
        line(f"{state} is saved: {', '.join(begun.directory.institutions) or 'no institution'}, no student yet")


Pairs = list[str]  # of ID:VALUE


@frozen
class Described:
    """What the options of `new` say, as they were typed."""

    institutions: list[str]
    domains: Pairs
    campuses: Pairs
    staff: Pairs
    sso: list[str]
    vocabularies: Pairs
    employers: list[str]

    def details(self) -> Iterator[Detail]:
        """All that is said, each thing under its option."""
        yield from (Detail("id", "", name, option("institution", name)) for name in self.institutions)
        for name, pairs in self.pairs().items():
            yield from (self.detail(name, pair) for pair in pairs)
        yield from (Detail("employer", "", address, option("employer", address)) for address in self.employers)

    def pairs(self) -> Mapping[str, Pairs]:
        """Option, and what was given with it as ID:VALUE."""
        return {
            "domain": self.domains,
            "campus": self.campuses,
            "staff": self.staff,
            "vocabulary": self.vocabularies,
        }

    def detail(self, kind: str, pair: str) -> Detail:
        """The institution and the value of ID:VALUE."""
        name, colon, value = pair.partition(":")
        if not colon:
            known = self.institutions[0] if len(self.institutions) == 1 else "ID"
            said = f"write the id of the institution in front, as in {known}:{pair}"
            raise UsageError(f"{option(kind, pair)}: {said}")
        check_named(self.institutions, name, option(kind, pair))
        return Detail(kind, name, value, option(kind, pair))


def option(name: str, value: str) -> str:
    """An option as it was typed."""
    return f"--{name} {shlex.quote(value)}"


def described_world(described: Described) -> World | None:
    """The world that the options of `new` describe; None where there are none."""
    if not any(astuple(described, recurse=False)):
        return None
    try:
        json.dumps(astuple(described, recurse=False), ensure_ascii=False).encode()
        institutions = institutions_of(described, checked(described.details()))
        return World.of(*institutions, employers=described.employers)
    except UnicodeEncodeError:
        raise UsageError("an option is not UTF-8 text: no file can hold it") from None
    except SlipError as slip:
        raise UsageError(str(slip)) from None


def institutions_of(described: Described, details: Iterable[Detail]) -> Iterator[Institution]:
    """The institutions, each with what is said of it."""
    said: dict[tuple[str, str], list[str]] = {}
    for detail in details:
        said.setdefault((detail.institution, detail.kind), []).append(detail.text)
    for name in described.sso:
        check_named(described.institutions, name, option("sso", name))
    for name in described.institutions:
        domains, campuses, staff = (said.get((name, kind), ()) for kind in ("domain", "campus", "staff"))
        vocabulary: Any = said.get((name, "vocabulary"), ["eu"])[0]
        yield Institution(name, domains, campuses, name in described.sso, vocabulary, staff)


def check_named(institutions: list[str], name: str, place: str) -> None:
    """UsageError where an option is about an institution that is not named."""
    if name not in institutions:
        meant = did_you_mean(name, institutions)
        raise UsageError(
            f"{place}: there is no institution {name!r}{meant}; name it too, with {option('institution', name)}"
        )


# show


def show(state: Path, institution: str | None, email: str | None, json_wanted: bool) -> None:
    """Show a world: its institutions and its students, or those of one institution, or one student."""
    world = read_world(state)
    if institution is not None:
        check_institution(world, institution)
    students = list(chosen(world, institution, email))
    if email is not None and not students:
        where = f" at {institution}" if institution else ""
        raise UsageError(f"{state}: no student{where} has the e-mail address {email}; check how it is written")
    institutions = [i for i in world.directory.institutions.values() if institution in (None, i.id)]
    if json_wanted:
        as_json(world_as_data(world, institutions, students))
    elif email is not None:
        show_student(students[0])
    else:
        show_world(world, institutions, students)


def chosen(world: World, institution: str | None, email: str | None) -> Iterable[Account]:
    """The students who are asked for: at home at an institution, with an e-mail address, or all."""
    address = None if email is None else normal_email(email)
    return (
        student
        for student in world.students()
        if institution in (None, student.home) and address in (None, student.email_address)
    )


def world_as_data(world: World, institutions: list[Institution], students: list[Account]) -> dict[str, object]:
    """A world, for programs: as the state has it, without what cannot be observed."""
    return {
        "institutions": [institution_as_data(institution) for institution in institutions],
        "employers": sorted(world.directory.employers),
        "students": [observed(student) for student in students],
    }


def show_world(world: World, institutions: list[Institution], students: list[Account]) -> None:
    """Institutions and students, for people."""
    line("Institutions", "bold")
    table(
        ("id", "students", "pending", "domains", "campuses", "single sign-on", "vocabulary", "staff"),
        [institution_cells(world, institution) for institution in institutions],
    )
    if world.directory.employers:
        line(f"Employers: {', '.join(sorted(world.directory.employers))}")
    heading(f"Students ({len(students):,})")
    table(
        ("e-mail address", "username", "name", "institution", "school year", "standing"),
        [student_cells(student) for student in students],
        more="--institution and --email choose, --json lists them all",
    )


def institution_cells(world: World, institution: Institution) -> tuple[object, ...]:
    """A line about an institution."""
    pending = sum(student.pending_at == institution.id for student in world.students())
    return (
        institution.id,
        f"{sum(1 for _ in world.connected(institution.id)):,}",
        f"{pending:,}",
        ", ".join(sorted(institution.domains)),
        ", ".join(institution.campuses),
        shown(institution.uses_sso),
        institution.vocabulary,
        ", ".join(sorted(institution.staff)),
    )


def student_cells(student: Account) -> tuple[object, ...]:
    """A line about a student."""
    return (
        student.email_address,
        student.username or "",
        f"{student.first_name or ''} {student.last_name or ''}",
        student.home or "",
        student.school_year_name or "",
        standing(student),
    )


def standing(student: Account) -> str:
    """Where a student stands, in words."""
    words = (
        (student.institution is not None, "connected"),
        (student.pending_at is not None, "pending"),
        (student.home is None, "unconnected"),
        (bool(student.declined_by), f"declined by {', '.join(sorted(student.declined_by))}"),
        (student.disabled, "archived"),
        (student.excluded_from_sync, "excluded from the sync"),
        (student.requested_email is not None, f"asked for {student.requested_email}"),
    )
    return ", ".join(text for holds, text in words if holds)


def show_student(student: Account) -> None:
    """All that can be observed of a student, for people."""
    table(("field", "value"), [(name, shown_or_blank(value)) for name, value in observed(student).items()])


def shown_or_blank(value: object) -> str:
    """A value for people; nothing where there is none."""
    return "" if value in (None, []) else shown(value)


# export


def export_students(state: Path, institution: str, output: Path | None, force: bool) -> None:
    """Write the students connected to an institution as a file of all columns."""
    if output is not None:
        if is_same_file(output, state):
            raise UsageError(f"--output {output}: this is the state; name another file")
        check_target(output)
        if not force:
            check_vacant(output)
    world = read_world(state)
    check_institution(world, institution)
    data = export(world, institution)
    if output is None:
        write_bytes(data)
    else:
        written(output, (data,), force)
        with after(f"{output} has been written"):
            line(f"{sum(1 for _ in world.connected(institution)):,} students are in {output}")
