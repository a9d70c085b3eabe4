"""Units of length: 255 characters, where counting otherwise comes to another number.

No article says how characters are counted. The model counts code points, and whoever counts otherwise differs.
"""

from collections.abc import Iterator

from conformance.cases.edge_cases.building import ADA, BEN, EdgeCase, edge_case, with_column
from conformance.generation.deceptive_values import COURSES_THAT_FIT, COURSES_TOO_LONG
from refmodel.columns import MAJOR_NAMES

RULE = "course_names_have_255_characters_at_most"


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    for name, (words, course) in COURSES_THAT_FIT.items():
        title = f"A course of {len(course)} code points passes that is made of {words}."
        wrong = "The course is too long in bytes, in units of UTF-16, or once it is normalised."
        yield with_course(f"course_of_{name}_fits", title, wrong, course)
    for name, (words, course) in COURSES_TOO_LONG.items():
        title = f"A course of {len(course)} code points fails that is made of {words}."
        wrong = "What looks like one character is counted once, so that the course passes."
        yield with_course(f"course_of_{name}_is_too_long", title, wrong, course)


def with_course(name: str, title: str, wrong: str, course: str) -> EdgeCase:
    """A case of one course, beside one that nobody can think too long."""
    file = with_column(MAJOR_NAMES.header, (ADA, course), (BEN, "History"))
    return edge_case(name, RULE, title, wrong, file, basis="chosen")
