"""Invariants that every history of any importer obeys, checked on its responses, without the model.

They are the numbered laws of the semantics, as far as two observations and the step between them show them:

 1. No two users share an e-mail address.
 2. Inside an institution no two students share a username, an auth identifier or a card number.
 3. No end date is before its start date.
 4. A refused file, failed and unchanged rows, and a refused action change nothing.
 5. A job without the setting changes no sensitive field of an account that was there.
 6. A job changes no student who is connected elsewhere, and without the setting only its own.
 7. An import never makes the accounts fewer.
 8. A file without the column archives nobody and brings nobody back.
 9. A file without the column changes labels only of students who leave another institution.
11. A job without the setting ends no request.
13. A preview changes nothing.
"""

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeVar

from attrs import frozen

from conformance.protocol.requests import Request
from conformance.protocol.trace import Exchange
from refmodel.cell import normal_email

Account = Mapping[str, Any]
T = TypeVar("T")
SENSITIVE = ("email_address", "username", "auth_identifier", "card_id")


@frozen
class Breach:
    """A broken law: its number, the rule behind it, and the evidence."""

    law: int
    rule: str
    text: str


@frozen
class Passage:
    """A step and the observations before and after it."""

    world: Mapping[str, Any]
    before: Sequence[Account]
    happened: Exchange
    after: Sequence[Account]

    @property
    def request(self) -> Request:
        """The request of the step."""
        return self.happened.request

    @property
    def is_import(self) -> bool:
        """Whether the step is an import."""
        return bool(self.request["op"] == "import")

    @property
    def has_setting(self) -> bool:
        """Whether the job may change sensitive fields."""
        return bool(self.request.get("change_sensitive_fields"))

    @property
    def outcomes(self) -> set[str]:
        """The outcomes of the file's rows."""
        rows = self.happened.response["report"].get("rows") or ()
        return {row["outcome"] for row in rows}

    @property
    def header(self) -> bytes:
        """The file up to the end of its first line: enough to see that a column is absent."""
        data = base64.b64decode(self.request["csv"]).lstrip(b"\xef\xbb\xbf\r\n ,")
        return data.replace(b"\r", b"\n").partition(b"\n")[0]

    def changed(self) -> Iterator[tuple[Account, Account | None]]:
        """Changed accounts: before, and after, if e-mail address and username still identify the account."""
        there = {_identity(account): account for account in self.after}
        for account in self.before:
            now = there.get(_identity(account))
            if now is None or (now != account and _settled(now) != _settled(account)):
                yield account, now


def _identity(account: Account) -> tuple[object, object]:
    return account["email_address"], account.get("username")


def _settled(account: Account) -> str:
    sets = ("system_label_names", "declined_by")
    return repr(sorted((name, sorted(value) if name in sets else value) for name, value in account.items()))


def passages(exchanges: Sequence[Exchange]) -> Iterator[Passage]:
    """The steps of a conversation that lie between observations."""
    world: Mapping[str, Any] = {}
    before: Sequence[Account] = ()
    for happened, seen in pairwise(exchanges):
        if happened.request["op"] == "reset":
            world = happened.request["world"]
        if seen.request["op"] == "observe":
            after = seen.response.get("accounts") or []
            if happened.request["op"] != "reset":
                yield Passage(world, before, happened, after)
            before = after


def breaches(exchanges: Sequence[Exchange]) -> tuple[Breach, ...]:
    """The laws that a conversation breaks, each once."""
    found: dict[int, Breach] = {}
    for passage in passages(exchanges):
        for law, (rule, check) in LAWS.items():
            if law not in found and (text := next(check(passage), None)):
                found[law] = Breach(law, rule, text)
    return tuple(found.values())


def _shared(values: Sequence[T]) -> set[T]:
    return {value for value in values if value is not None and values.count(value) > 1}


def emails_are_unique(passage: Passage) -> Iterator[str]:
    """Law 1."""
    institutions = passage.world.get("institutions", ())
    others = [email for i in institutions for email in i.get("staff", ())] + list(passage.world.get("employers", ()))
    emails = [account["email_address"] for account in passage.after] + [*map(normal_email, others)]
    yield from (f"two users have {email!r}" for email in sorted(_shared(emails)))


def identifiers_are_unique(passage: Passage) -> Iterator[str]:
    """Law 2."""
    for home in (institution["id"] for institution in passage.world.get("institutions", ())):
        members = [a for a in passage.after if home == (a.get("institution") or a.get("pending_at"))]
        for name in SENSITIVE[1:]:
            yield from (
                f"two students at {home} have the {name} {value!r}" for value in _shared([m.get(name) for m in members])
            )


def dates_are_in_order(passage: Passage) -> Iterator[str]:
    """Law 3."""
    for account in passage.after:
        start, end = account.get("primary_education:start_date"), account.get("primary_education:end_date")
        if start and end and end < start:
            yield f"{account['email_address']} ends before starting"


def failures_change_nothing(passage: Passage) -> Iterator[str]:
    """Law 4."""
    if passage.is_import:
        idle = passage.outcomes <= {"failed", "unchanged"}
    else:
        idle = passage.request["op"] == "do" and not passage.happened.response.get("done")
    if idle and not _alike(passage.before, passage.after):
        yield "nothing was applied, and yet something changed"


def sensitive_fields_stay(passage: Passage) -> Iterator[str]:
    """Law 5."""
    if passage.is_import and not passage.has_setting:
        there = {tuple(account.get(name) for name in SENSITIVE) for account in passage.after}
        for account in passage.before:
            if tuple(account.get(name) for name in SENSITIVE) not in there:
                yield f"a sensitive field of {account['email_address']} changed without the setting"


def strangers_stay(passage: Passage) -> Iterator[str]:
    """Law 6."""
    own = passage.request.get("institution")
    for account, _ in passage.changed() if passage.is_import else ():
        connected, home = account.get("institution"), account.get("institution") or account.get("pending_at")
        if connected not in (None, own) or (not passage.has_setting and home != own):
            yield f"{account['email_address']}, who is not {own}'s, was changed"


def accounts_do_not_get_fewer(passage: Passage) -> Iterator[str]:
    """Law 7."""
    if passage.is_import and len(passage.after) < len(passage.before):
        yield f"of {len(passage.before)} accounts {len(passage.after)} are left"


def disabled_needs_a_word(passage: Passage) -> Iterator[str]:
    """Law 8."""
    for account, now in passage.changed() if passage.is_import and b"disabled" not in passage.header else ():
        if now is not None and bool(now.get("disabled")) != bool(account.get("disabled")):
            yield f"{account['email_address']} was archived or brought back without a word"


def labels_need_a_column(passage: Passage) -> Iterator[str]:
    """Law 9."""
    for account, now in passage.changed() if passage.is_import and b"system_label_names" not in passage.header else ():
        stayed = now is not None and account.get("pending_at") in (None, passage.request["institution"])
        if (
            now is not None
            and stayed
            and set(now.get("system_label_names") or ()) != set(account.get("system_label_names") or ())
        ):
            yield f"labels of {account['email_address']} changed without a column"


def requests_need_the_setting(passage: Passage) -> Iterator[str]:
    """Law 11."""
    for account, now in passage.changed() if passage.is_import and not passage.has_setting else ():
        if account.get("pending_at") and now is not None and now.get("pending_at") != account["pending_at"]:
            yield f"the request of {account['email_address']} ended without the setting"


def previews_change_nothing(passage: Passage) -> Iterator[str]:
    """Law 13."""
    if passage.request["op"] == "preview" and not _alike(passage.before, passage.after):
        yield "the preview changed something"


def _alike(accounts: Sequence[Account], others: Sequence[Account]) -> bool:
    return accounts == others or set(map(_settled, accounts)) == set(map(_settled, others))


LAWS: Mapping[int, tuple[str, Callable[[Passage], Iterator[str]]]] = {
    1: ("email_is_unique_everywhere", emails_are_unique),
    2: ("username_is_unique_in_the_institution", identifiers_are_unique),
    3: ("end_date_is_not_before_start_date", dates_are_in_order),
    4: ("a_failed_row_changes_nothing", failures_change_nothing),
    5: ("sensitive_fields_need_the_setting", sensitive_fields_stay),
    6: ("other_schools_students_are_invisible", strangers_stay),
    7: ("absence_changes_nothing", accounts_do_not_get_fewer),
    8: ("disabled_only_by_word", disabled_needs_a_word),
    9: ("absent_column_keeps", labels_need_a_column),
    11: ("a_sensitive_update_connects_and_approves", requests_need_the_setting),
    13: ("preview", previews_change_nothing),
}
