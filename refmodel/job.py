"""A job: for which institution a file is imported, and under which settings."""

from collections.abc import Callable
from typing import Literal, get_args

from attrs import Attribute, field, frozen

Mode = Literal["automatic", "manual"]
DateFormat = Literal["yyyy-mm-dd", "mm/dd/yyyy"]


def _one_of(choices: object) -> Callable[[object, "Attribute[str]", str], None]:
    def check(_: object, attribute: "Attribute[str]", value: str) -> None:
        if value not in get_args(choices):
            allowed = " or ".join(repr(choice) for choice in get_args(choices))
            raise ValueError(f"a job's {attribute.name} is {allowed}, not {value!r}")

    return check


@frozen
class Job:
    """The settings under which an institution's file is read.

    `change_sensitive_fields` goes with `mode="manual"` only: an automatic job with it cannot be
    expressed, and raises ValueError.
    """

    institution: str
    mode: Mode = field(default="automatic", validator=_one_of(Mode))
    change_sensitive_fields: bool = False
    date_format: DateFormat = field(default="yyyy-mm-dd", validator=_one_of(DateFormat))

    def __attrs_post_init__(self) -> None:
        if self.change_sensitive_fields and self.mode != "manual":
            raise ValueError("only a manual job can change sensitive fields: make it manual, or drop the setting")
