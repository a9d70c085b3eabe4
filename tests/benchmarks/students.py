"""Generated students: files of any length in all 23 columns, the same ones whenever they are asked for."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from random import Random

from refmodel.columns import COLUMNS
from refmodel.job import Job
from refmodel.value_lists import LEVELS, YEARS
from refmodel.world import Institution, World

Texts = dict[str, str]  # header → text of the cell

HEADER = tuple(column.header for column in COLUMNS)
STAFF = tuple(f"advisor.{number}@north.edu" for number in range(1, 13))
CAMPUSES = ("Main", "Quay", "Hill")
JOB = Job("north")
CHANGED_IN = 100  # one row in so many is changed
FAULTY_IN = 20  # one row in so many is faulty

FIRST_NAMES = (
    *("Ada", "Amir", "Anna", "Bo", "Carla", "Chidi", "Dana", "Elif", "Emma", "Farah", "Grace", "Hugo"),
    *("Ines", "Jakub", "Joy", "Kofi", "Lea", "Liam", "Mei", "Nadia", "Noah", "Olga", "Omar", "Priya"),
    *("Rosa", "Sam", "Tariq", "Uma", "Viktor", "Wei", "Yara", "Zoë", "José", "André", "Chloé", "Jürgen"),
)
LAST_NAMES = (
    *("Adeyemi", "Ahmed", "Baker", "Brown", "Chen", "Cohen", "Costa", "Diaz", "Evans", "Fischer", "Garcia"),
    *("Green", "Haddad", "Hall", "Ivanova", "Jones", "Kaya", "Khan", "Kim", "Kowalski", "Lee", "Lopez"),
    *("Mbeki", "Moore", "Nguyen", "Novak", "Okafor", "Patel", "Peters", "Quinn", "Rossi", "Sato", "Silva"),
    *("Smith", "Singh", "Tanaka", "Taylor", "Umar", "Vega", "Walsh", "Wang", "Yilmaz", "Zhang", "O'Neill"),
)
COLLEGES = ("Arts", "Engineering", "Law", "Medicine", "Science", "Business School")
COURSES = (
    *("History", "Biology", "Mathematics", "Physics", "Computer Science", "English Literature", "Economics"),
    *("Mechanical Engineering", "Civil Engineering", "Chemistry", "Psychology", "Sociology", "Philosophy"),
    *("Politics, Philosophy and Economics", "Fine Art", "Music", "Nursing", "Law with French", "Geography"),
)
LABELS = ("honours", "international", "first generation", "mentor", "athlete", "scholarship", "evening", "dean's list")
TOWNS = ("Lima, Peru", "N1 9AG", "Leeds", "Porto", "Lagos, Nigeria", "Kraków", "Oslo", "Izmir", "Cork", "Hanoi")
GENDERS = ("Female", "Male", "Non-binary", "")

FAULTS: tuple[Texts, ...] = (  # each of them fails the row that it is put in, and no other row
    {"email_address": "ada at north.edu"},
    {"username": ""},
    {"last_name": "**CLEAR**"},
    {"primary_education:education_level_name": "undergraduate"},
    {"primary_education:start_date": "2023-02-29"},
    {"primary_education:end_date": "30/06/2026"},
    {"primary_education:end_date": "1999-06-30"},
    {"school_year_name": "Bachelor 5th year"},
    {"primary_education:currently_attending": "yes"},
    {"primary_education:major_names": "x" * 256},
    {"mobile_number": "+44 1865 270000"},
    {"disabled": "**CLEAR**"},
    {"assigned_to_email_address": "stranger@north.edu"},
    {"campus_name": "Moon"},
)


def empty_world() -> World:
    """The world that the files are for, before its first student."""
    north = Institution("north", domains=["north.edu"], campuses=CAMPUSES, staff=STAFF)
    return World.of(north, Institution("south", domains=["south.edu"]), employers=["hr@employer.example"])


# Students, one after the other.


def students() -> Iterator[Texts]:
    """The rows of students without end: the first so many of them are always the same."""
    one_in = Random(23)  # a source of its own: nobody else's numbers change
    number = 0
    while True:
        number += 1
        yield student(number, one_in)


def one_of(texts: tuple[str, ...], one_in: Random) -> str:
    """One of some texts."""
    return texts[int(one_in.random() * len(texts))]


def some_of(texts: tuple[str, ...], most: int, one_in: Random) -> str:
    """A few of some texts, as the cell of a list."""
    return ";".join(one_of(texts, one_in) for _ in range(int(one_in.random() * (most + 1))))


def seldom(text: str, share: float, one_in: Random) -> str:
    """A text in a share of the rows, and a blank cell in the others."""
    return text if one_in.random() < share else ""


def student(number: int, one_in: Random) -> Texts:
    """The row of one student, whose number nobody else has."""
    first, last, year = one_of(FIRST_NAMES, one_in), one_of(LAST_NAMES, one_in), 2015 + int(one_in.random() * 10)
    domain = "mail.example" if one_in.random() < 0.1 else "north.edu"
    return {
        "email_address": f"{IN_AN_ADDRESS[first]}.{IN_AN_ADDRESS[last]}.{number}@{domain}",
        "username": str(1_000_000 + number),
        "first_name": first,
        "last_name": last,
        "middle_name": seldom(one_of(FIRST_NAMES, one_in), 0.3, one_in),
        "preferred_name": seldom(first[:3], 0.1, one_in),
        "auth_identifier": f"{last[:1].lower()}{number:07}",
        "primary_education:education_level_name": one_of(LEVELS["eu"], one_in),
        "primary_education:start_date": f"{year}-09-{1 + number % 30:02}",
        "primary_education:end_date": seldom(f"{year + 4}-06-{1 + number % 30:02}", 0.8, one_in),
        "primary_education:college_names": one_of(COLLEGES, one_in),
        "school_year_name": one_of(YEARS["eu"], one_in),
        "primary_education:currently_attending": "TRUE" if year > 2020 else "FALSE",
        "primary_education:major_names": some_of(COURSES, 2, one_in),
        "primary_education:minor_names": some_of(COURSES, 1, one_in),
        "card_id": f"C{number * 7:010}",
        "mobile_number": seldom(f"+44{7_000_000_000 + number}", 0.7, one_in),
        "gender": one_of(GENDERS, one_in),
        "disabled": "TRUE" if one_in.random() < 0.05 else "FALSE",
        "system_label_names": some_of(LABELS, 3, one_in),
        "assigned_to_email_address": one_of(STAFF, one_in),
        "hometown_location_attributes:name": seldom(one_of(TOWNS, one_in), 0.6, one_in),
        "campus_name": one_of(CAMPUSES, one_in),
    }


def _in_an_address(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return plain.lower().replace("'", "")


IN_AN_ADDRESS = {name: _in_an_address(name) for name in (*FIRST_NAMES, *LAST_NAMES)}


# What becomes of the rows from one file to the next.


def changed(rows: Iterable[Texts]) -> Iterator[Texts]:
    """The rows of another year: one in CHANGED_IN says something new."""
    for number, row in enumerate(rows):
        yield row if number % CHANGED_IN else {**row, "preferred_name": "Changed", "gender": "changed"}


def faulty(rows: Iterable[Texts]) -> Iterator[Texts]:
    """The rows with a fault in one out of FAULTY_IN, each kind in its turn."""
    for number, row in enumerate(rows):
        fault = FAULTS[number // FAULTY_IN % len(FAULTS)]
        yield row if number % FAULTY_IN else {**row, **fault}


def one_in(every: int, count: int) -> int:
    """How many of `count` rows are meant where it is the first out of every so many."""
    return -(-count // every)


# Files.


def lines(rows: Iterable[Texts]) -> Iterator[list[str]]:
    """The header, and the cells of each row in its order."""
    return chain([list(HEADER)], (list(row.values()) for row in rows))


def file_of(rows: Iterable[Texts]) -> bytes:
    """The file of some rows."""
    output = io.StringIO(newline="")
    csv.writer(output).writerows(lines(rows))
    return output.getvalue().encode()


def write_file(path: Path, count: int) -> None:
    """The file of the first `count` students, which need not fit into memory."""
    with path.open("w", encoding="utf-8", newline="") as output:
        csv.writer(output).writerows(lines(islice(students(), count)))
