"""The world: institutions, the students, and everybody else's e-mail addresses.

A World never changes. A Draft starts as one, is changed in place while a file or an action is worked
through, and ends as another; it copies the maps once, and only if anything is written.
"""

import datetime
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import Attribute, define, evolve, field, frozen

from refmodel.cell import Cells, domain_of, is_blank, is_email, normal_email
from refmodel.columns import (
    AUTH_IDENTIFIER,
    CARD_ID,
    COLUMNS,
    EMAIL_ADDRESS,
    END_DATE,
    START_DATE,
    USERNAME,
    Column,
    Kind,
)
from refmodel.value_lists import LEVELS, Vocabulary

IDENTIFIERS: tuple[Column, ...] = (USERNAME, AUTH_IDENTIFIER, CARD_ID)


def _texts(value: Iterable[str]) -> tuple[str, ...]:
    # A single text is iterable too, and would be taken apart into its letters.
    texts = () if isinstance(value, str) else tuple(value)
    if isinstance(value, str) or not all(isinstance(text, str) for text in texts):
        raise ValueError(f"a list of texts is needed, not {value!r}")
    return texts


def _addresses(value: Iterable[str]) -> frozenset[str]:
    return frozenset(map(normal_email, _texts(value)))


@frozen
class Institution:
    """A university: its domains, campuses and staff, how it signs in, and which value lists it uses.

    Domains and staff addresses are compared without case, as all e-mail is.
    """

    id: str
    domains: frozenset[str] = field(default=(), converter=_addresses)
    campuses: tuple[str, ...] = field(default=(), converter=_texts)
    uses_sso: bool = False
    vocabulary: Vocabulary = "eu"
    staff: frozenset[str] = field(default=(), converter=_addresses)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.id, str) or is_blank(self.id):
            raise ValueError(f"an institution's id is a text that is not blank, not {self.id!r}")
        if not isinstance(self.uses_sso, bool):
            raise ValueError(f"institution {self.id!r}: uses_sso is true or false, not {self.uses_sso!r}")
        if self.vocabulary not in LEVELS:
            raise ValueError(f"institution {self.id!r}: the vocabulary is eu or us, not {self.vocabulary!r}")


def emptiness(column: Column) -> frozenset[str] | tuple[()] | None:
    """What a column stores when it is empty."""
    if column.kind is Kind.LABELS:
        return frozenset()
    return () if column.kind is Kind.LIST else None


def _with_every_column(_: type, declared: list["Attribute[object]"]) -> list["Attribute[object]"]:
    """The fields of an account: the key, each column in its place, and the rest."""
    named = {field.name: field for field in declared}
    key = named.pop("key")
    columns = [named.pop(c.attribute) if c.attribute in named else _field_of(c, key) for c in COLUMNS]
    return [key, *columns, *named.values()]


def _field_of(column: Column, like: "Attribute[object]") -> "Attribute[object]":
    kind = column.value_type if column.holds_list else column.value_type | None
    names = {"name": column.attribute, "alias": column.attribute}
    return like.evolve(**names, type=kind, default=emptiness(column), eq=True, order=True)


@frozen(field_transformer=_with_every_column)
class Account:
    """A student's account: a field for each column, under its attribute, and where it stands.

    Of the columns only those are declared here that rules or people name; the others follow from COLUMNS.

    `key` tells accounts apart inside one world. `last_applied` is the row last applied by the institution
    where the account is at home; neither can be observed, so neither counts when accounts are compared.
    """

    key: int = field(default=0, eq=False)
    email_address: str = ""
    username: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    auth_identifier: str | None = None
    primary_education_start_date: datetime.date | None = None
    primary_education_end_date: datetime.date | None = None
    school_year_name: str | None = None
    primary_education_currently_attending: bool | None = None
    card_id: str | None = None
    disabled: bool = False
    system_label_names: frozenset[str] = frozenset()
    assigned_to_email_address: str | None = None
    institution: str | None = None
    pending_at: str | None = None
    declined_by: frozenset[str] = frozenset()
    excluded_from_sync: bool = False
    requested_email: str | None = None
    last_applied: Cells | None = field(default=None, eq=False)

    @property
    def home(self) -> str | None:
        """The institution where the account is connected, or else pending."""
        return self.institution or self.pending_at

    def stored(self, column: Column) -> Any:
        """The value stored in a column."""
        return getattr(self, column.attribute)


def identifiers(account: Account) -> list[tuple[Column, str]]:
    """What identifies an account where it is at home, beside the e-mail address."""
    return [(column, value) for column in IDENTIFIERS if (value := account.stored(column)) is not None]


NOTHING: Mapping[Column, frozenset[str] | tuple[()] | None] = {column: emptiness(column) for column in COLUMNS}


@frozen
class Directory:
    """What no file and no action changes: the institutions, and the users who are not students."""

    institutions: Mapping[str, Institution]
    employers: frozenset[str]
    other_users: frozenset[str]  # staff of all institutions, and employers
    owners: Mapping[str, frozenset[str]]  # domain → the institutions it belongs to

    @classmethod
    def of(cls, institutions: Iterable[Institution], employers: Iterable[str]) -> "Directory":
        """Raises ValueError where two institutions share an id, or two users an address."""
        everyone = tuple(institutions)
        by_id = {institution.id: institution for institution in everyone}
        if len(by_id) < len(everyone):
            raise ValueError(f"two institutions have the same id: {_repeated([i.id for i in everyone])}")
        addresses = [address for i in everyone for address in sorted(i.staff)] + list(
            map(normal_email, _texts(employers))
        )
        _check_addresses(addresses)
        return cls(by_id, _addresses(employers), frozenset(addresses), _owners(everyone))


def _repeated(texts: list[str]) -> str:
    return next(text for text in texts if texts.count(text) > 1)


def _check_addresses(addresses: list[str]) -> None:
    for address in addresses:
        if not is_email(address):
            raise ValueError(f"{address!r} is not an e-mail address")
        if addresses.count(address) > 1:
            raise ValueError(f"{address!r} belongs to two users: an e-mail address identifies one")


def _owners(institutions: tuple[Institution, ...]) -> dict[str, frozenset[str]]:
    domains = {domain for institution in institutions for domain in institution.domains}
    return {domain: frozenset(i.id for i in institutions if domain in i.domains) for domain in domains}


Roster = Mapping[Column, Mapping[str, int]]  # identifier column → value → key of the account that holds it


class Answers:
    """What can be asked of a world, and of a draft of the next one."""

    __slots__ = ()

    directory: Directory
    accounts: Mapping[int, Account]
    emails: Mapping[str, int]
    rosters: Mapping[str, Roster]
    next_key: int

    def institution(self, name: str) -> Institution:
        """The institution of an id; ValueError where there is none."""
        if name not in self.directory.institutions:
            known = ", ".join(self.directory.institutions) or "none at all"
            raise ValueError(f"there is no institution {name!r}; the world has {known}")
        return self.directory.institutions[name]

    def student(self, email: str) -> Account | None:
        """The student who has an e-mail address (in its normal form), wherever connected."""
        return self.accounts.get(self.emails.get(email, 0))

    def holder(self, institution: str, column: Column, value: str) -> Account | None:
        """The student connected to or pending at an institution who holds an identifier."""
        return self.accounts.get(self.rosters[institution][column].get(value, 0))

    def another_user_has(self, email: str, student: Account | None) -> bool:
        """Whether anybody but this student has an e-mail address: a student, staff or an employer."""
        if email in self.directory.other_users:
            return True
        key = self.emails.get(email)
        return key is not None and (student is None or key != student.key)

    def domain_is_anothers(self, email: str, institution: str) -> bool:
        """Whether the domain of an e-mail address is another institution's, and not this one's."""
        owners = self.directory.owners.get(domain_of(email))
        return owners is not None and institution not in owners

    def students(self) -> Iterator[Account]:
        """All students, those who came first in front."""
        return iter(self.accounts.values())

    def connected(self, institution: str) -> Iterator[Account]:
        """The students connected to an institution."""
        return (account for account in self.students() if account.institution == institution)


@frozen
class World(Answers):
    """Everything there is at one moment. Begin one with `World.of(Institution("north"), …)`."""

    directory: Directory
    accounts: Mapping[int, Account] = field(factory=dict)
    emails: Mapping[str, int] = field(factory=dict, repr=False)
    rosters: Mapping[str, Roster] = field(factory=dict, repr=False)
    next_key: int = 1

    @classmethod
    def of(cls, *institutions: Institution, employers: Iterable[str] = ()) -> "World":
        """A world with these institutions and employers, and no student yet."""
        directory = Directory.of(institutions, employers)
        return cls(directory, rosters={name: {c: {} for c in IDENTIFIERS} for name in directory.institutions})

    def put(self, account: Account) -> "World":
        """The world with this account in it, new or instead of the one with the same key."""
        draft = Draft.of(self)
        draft.put(account)
        return draft.finish()

    def with_accounts(self, accounts: Iterable[Account]) -> "World":
        """The world with these accounts in it, all of them new. ValueError where two share an e-mail address,
        or one is at home nowhere in this world."""
        draft = Draft.of(self)
        for account in accounts:
            draft.check(account)
            draft.put(account)
        return draft.finish()

    def remove(self, account: Account) -> "World":
        """The world without this account."""
        draft = Draft.of(self)
        draft.remove(account)
        return draft.finish()


@define
class Draft(Answers):
    """The one mutable value: a world while it is changed, which never leaves the function that made it."""

    original: World
    directory: Directory
    accounts: dict[int, Account]
    emails: dict[str, int]
    rosters: dict[str, dict[Column, dict[str, int]]]
    next_key: int
    copied: bool = False

    @classmethod
    def of(cls, world: World) -> "Draft":
        """A draft that still shares everything with the world it starts from."""
        shared: Any = world
        return cls(world, world.directory, shared.accounts, shared.emails, shared.rosters, world.next_key)

    def put(self, account: Account) -> Account:
        """Store an account, which is given back; one with key 0 is new and is given the next key."""
        self._copy()
        if not account.key:
            account = evolve(account, key=self.next_key)
        if account.key == self.next_key:
            self.next_key += 1
        else:
            self._forget(account.key)
        self.accounts[account.key] = account
        self.emails[account.email_address] = account.key
        for held, value in self._identifiers(account):
            held[value] = account.key
        return account

    def check(self, account: Account) -> None:
        """ValueError where an account, new here, is one that no history leads to."""
        for problem in self._problems(account):
            raise ValueError(f"{account.email_address!r}: {problem}")

    def _problems(self, account: Account) -> Iterator[str]:
        email, start, end = (account.stored(column) for column in (EMAIL_ADDRESS, START_DATE, END_DATE))
        if not is_email(email) or email != normal_email(email):
            yield "this is no e-mail address in its normal form"
        if self.another_user_has(email, None):
            yield "the address belongs to two users, and identifies one"
        if account.institution is not None and account.pending_at is not None:
            yield "a connected student is pending nowhere"
        for name in sorted({account.institution, account.pending_at, *account.declined_by} - {None}, key=str):
            if name not in self.directory.institutions:
                yield f"there is no institution {name!r}"
        for column, value in identifiers(account) if account.home else ():
            if self.holder(account.home or "", column, value):
                yield f"another student there has the {column.header} {value!r}"
        if start is not None and end is not None and end < start:
            yield "the end date is before the start date"

    def remove(self, account: Account) -> None:
        """Forget an account and all that it held."""
        self._copy()
        self._forget(account.key)
        del self.accounts[account.key]

    def finish(self) -> World:
        """The world that the draft has become; the same one where nothing was written."""
        if not self.copied:
            return self.original
        return World(self.directory, self.accounts, self.emails, self.rosters, self.next_key)

    def _copy(self) -> None:
        if self.copied:
            return
        self.accounts, self.emails = dict(self.accounts), dict(self.emails)
        self.rosters = {name: {c: dict(m) for c, m in roster.items()} for name, roster in self.rosters.items()}
        self.copied = True

    def _forget(self, key: int) -> None:
        # An index may point to another account where a ruleset lets two hold the same value.
        account = self.accounts[key]
        if self.emails.get(account.email_address) == key:
            del self.emails[account.email_address]
        for held, value in self._identifiers(account):
            if held.get(value) == key:
                del held[value]

    def _identifiers(self, account: Account) -> Iterable[tuple[dict[str, int], str]]:
        if account.home is None:
            return ()
        roster = self.rosters[account.home]
        return [(roster[column], value) for column, value in identifiers(account)]
