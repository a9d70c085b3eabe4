"""Advice: what is unwise in a row though nothing fails for it.

Each piece is a function of a row that was not failed: its name is its identity, the first sentence of its
docstring says what it is about, `Advice:` what to do, and `Source:` which article recommends it.
"""

import re
from collections.abc import Callable

from attrs import frozen

from refmodel.engine import Step
from refmodel.rule_text import labelled
from refmodel.value_lists import ALUMNI
from refmodel.world import Account

Check = Callable[[Account, Account | None], bool]  # the account after the row, and before it

NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)*\s*%?")


def username_is_part_of_the_email(after: Account, before: Account | None) -> bool:
    """The username is a part of the e-mail address.

    Advice: Use the student number, which never changes; e-mail addresses do.
    Source: 002:18
    """
    return bool(after.username) and str(after.username).casefold() in after.email_address.casefold()


def username_is_the_card_number(after: Account, before: Account | None) -> bool:
    """The username is the card number.

    Advice: Use the student number, which never changes; a lost card gets another number.
    Source: 002:18
    """
    return after.username is not None and after.username == after.card_id


def a_label_is_a_number(after: Account, before: Account | None) -> bool:
    """A system label is a number.

    Advice: Keep labels for groups of students; a mark or an amount makes one label for every value.
    Source: 002:45
    """
    return any(NUMBER.fullmatch(label) for label in after.system_label_names)


def alumni_are_still_attending(after: Account, before: Account | None) -> bool:
    """The school year is Alumni, yet the student is currently attending.

    Advice: Set primary_education:currently_attending to FALSE, unless they are back for another degree.
    Source: 001:7
    """
    return after.school_year_name == ALUMNI and after.primary_education_currently_attending is True


def alumni_are_archived(after: Account, before: Account | None) -> bool:
    """The row makes the student an archived alumnus.

    Advice: Leave alumni active, who may want their profile or look for work, unless they asked to be archived.
    Source: 000:32
    """
    return is_archived_alumnus(after) and not (before and is_archived_alumnus(before))


def is_archived_alumnus(student: Account) -> bool:
    """Whether a student is an alumnus and disabled."""
    return student.disabled and student.school_year_name == ALUMNI


@frozen
class Advice:
    """One piece of advice: its name, what it is about, what to do, who says so, and when it is due."""

    name: str
    statement: str
    what_to_do: str
    source: str
    is_due: Check

    @classmethod
    def of(cls, check: Check) -> "Advice":
        """The advice that a function gives."""
        statement, labels = labelled(check.__name__, check.__doc__, ("Advice", "Source"))
        return cls(check.__name__, statement, labels["Advice"], labels["Source"], check)


ADVICE: tuple[Advice, ...] = tuple(
    map(
        Advice.of,
        (
            username_is_part_of_the_email,
            username_is_the_card_number,
            a_label_is_a_number,
            alumni_are_still_attending,
            alumni_are_archived,
        ),
    )
)


def advice_on(step: Step) -> tuple[Advice, ...]:
    """The advice that is due on a row; none on one that failed."""
    after = step.after
    if after is None or step.result.outcome == "failed":
        return ()
    return tuple(advice for advice in ADVICE if advice.is_due(after, step.before))
