"""The description of a new world: a probable mistake is refused, with what to write instead.

The model takes any text for a domain or an id, as the protocol does, and so do states that are saved already. A domain
that no address can have, though, guards nothing, and nobody would notice: so it is an error when a world is created.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from attrs import frozen

from refmodel.cell import is_blank, is_email, normal_email
from refmodel.serialization import VOCABULARIES, problems_of, world_of
from refmodel.wording import as_found, did_you_mean
from refmodel.world import World

# What cannot be seen, so that a text with it looks like another one.
INVISIBLE = re.compile(
    r"[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    r"\ufeff\ufff9-\ufffb]"
)
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://|mailto:", re.IGNORECASE)
NOT_IN_A_DOMAIN = re.compile(r"""[\s!"#$%&'()*+,/:;<=>?@\[\\\]^`{|}~]""")


class SlipError(ValueError):
    """The description of a world has a probable mistake; the text names the place and says what to write."""


@frozen
class Detail:
    """Something that is said of a world: what kind of thing, of which institution, the text, and where it stands."""

    kind: str  # a key of FORMS
    institution: str
    text: str
    place: str

    @property
    def identity(self) -> tuple[str, ...]:
        """What may be there only once: an address in the whole world, a domain and a campus in an institution."""
        if self.kind in ("staff", "employer"):
            return "address", normal_email(self.text)
        text = normal_email(self.text) if self.kind == "domain" else self.text
        return self.kind, self.institution, "" if self.kind == "vocabulary" else text


def begun(data: Mapping[str, Any]) -> World:
    """The world without students that data describes. SlipError where it is malformed or has a probable mistake."""
    for problem in problems_of(data):
        raise SlipError(problem)
    checked(details_of(data))
    return world_of(data)


def details_of(data: Mapping[str, Any]) -> Iterator[Detail]:
    """All that data of the right shape says of a world, under the places of the data."""
    for number, entry in enumerate(data.get("institutions") or ()):
        name, place = entry["id"], f"institutions[{number}]"
        yield Detail("id", "", name, f"{place}.id, {as_found(name)}")
        for key, kind in (("domains", "domain"), ("campuses", "campus"), ("staff", "staff")):
            yield from _listed(f"{place}.{key}", kind, name, entry.get(key))
    yield from _listed("employers", "employer", "", data.get("employers"))


def _listed(place: str, kind: str, name: str, texts: Iterable[str] | None) -> Iterator[Detail]:
    for number, text in enumerate(texts or ()):
        yield Detail(kind, name, text, f"{place}[{number}], {as_found(text)}")


def checked(details: Iterable[Detail]) -> list[Detail]:
    """The same details. SlipError where one of them is probably a mistake, or is there twice."""
    first: dict[tuple[str, ...], Detail] = {}
    for detail in details:
        problem = FORMS[detail.kind](detail.text)
        if problem is None and detail.identity in first:
            problem = f"{TWICE[detail.identity[0]]} ({first[detail.identity].place}); leave one of them out"
        if problem is not None:
            raise SlipError(f"{detail.place}: {problem}")
        first[detail.identity] = detail
    return list(first.values())


TWICE: Mapping[str, str] = {  # the first part of an identity → what is wrong with a second one
    "id": "another institution has this id",
    "address": "another user has this e-mail address",
    "domain": "the institution has this domain already",
    "campus": "the institution has this campus already",
    "vocabulary": "the institution has a vocabulary already",
}


# What each kind of thing looks like: what is wrong with a text and what to write, or None where it is fine.


def id_problem(text: str) -> str | None:
    """An id is not blank, has nothing around it, nothing invisible, and no colon: options are written ID:VALUE."""
    if is_blank(text):
        return "an id is not blank; write one such as north"
    if ":" in text:
        return f"an id has no colon, because options are written ID:VALUE; write {text.replace(':', '-').strip()}"
    if text != (plain := INVISIBLE.sub("", text).strip()):
        return f"an id has no white space around it and no invisible character; write {plain}"
    return None


def domain_problem(text: str) -> str | None:
    """A domain is what stands behind the @ of its addresses, and nothing else."""
    if is_domain(text):
        return None
    if is_blank(text):
        return "a domain is not blank; write one such as north.edu"
    alone = domain_in(text)
    if not is_domain(alone):
        return "a domain is letters, digits, hyphens and dots; write one domain, such as north.edu"
    return f"write the domain alone: {alone}{_why(text)}"


def _why(text: str) -> str:
    invisible = INVISIBLE.search(text.strip())
    if invisible:
        return f" (there is an invisible character in it, U+{ord(invisible[0]):04X})"
    return " (domains match exactly: name each subdomain that is meant, too)" if "*" in text else ""


def is_domain(text: str) -> bool:
    """Whether a text is a domain alone: no white space, nothing invisible, no sign but - and _, no dot too many."""
    return all(text.split(".")) and not INVISIBLE.search(text) and not NOT_IN_A_DOMAIN.search(text)


def domain_in(text: str) -> str:
    """The domain that is probably meant by a web address, an e-mail address, a pattern, or a text with a slip."""
    text = SCHEME.sub("", INVISIBLE.sub("", text).strip(), count=1)
    text = re.split(r"[/?#\\]", text, maxsplit=1)[0].rpartition("@")[2]
    text = re.sub(r":\d*$", "", text).strip("<>\"'*. ")
    return re.sub(r"\.{2,}", ".", text)


def campus_problem(text: str) -> str | None:
    """A campus is not blank: a blank cell would never name it."""
    return "a campus is not blank; write its name, or leave it out" if is_blank(text) else None


def address_problem(text: str) -> str | None:
    """An e-mail address is one, and has a domain that can be seen and has no dot too many."""
    address = normal_email(text)
    if is_email(address) and not INVISIBLE.search(address) and not address.endswith(".") and "@." not in address:
        return None
    return "this is not an e-mail address; write one such as advisor@north.edu"


def vocabulary_problem(text: str) -> str | None:
    """A vocabulary is one of those that there are."""
    return None if text in VOCABULARIES else f"write eu or us{did_you_mean(text, VOCABULARIES)}"


FORMS: Mapping[str, Callable[[str], str | None]] = {
    "id": id_problem,
    "domain": domain_problem,
    "campus": campus_problem,
    "staff": address_problem,
    "employer": address_problem,
    "vocabulary": vocabulary_problem,
}
