"""Mutants of what an importer remembers between requests."""

import base64
from collections.abc import Set

from attrs import evolve

from conformance.mutants.operators import custom_importer
from conformance.oracle.answers import answer
from conformance.oracle.reference import ReferenceImporter
from conformance.protocol.requests import Received
from conformance.protocol.responses import Response
from refmodel.cell import NO_CELLS, Cell, Cells, Place, normal_email
from refmodel.columns import END_DATE, Kind
from refmodel.failures import Complaint
from refmodel.rules.action import confirm_email, delete_pending
from refmodel.rules.cell import dates_follow_the_job, emails_ignore_case, enumerations_match_exactly
from refmodel.rules.effect import a_failed_row_changes_nothing
from refmodel.rules.file import file_is_utf8_csv
from refmodel.rules.identity import rows_that_share_an_identifier_fail, username_and_email_are_required
from refmodel.rules.lookup import unchanged_rows_are_skipped
from refmodel.rules.validation import email_is_unique_everywhere
from refmodel.ruleset import applies_to
from refmodel.world import Account, World


def with_accounts(world: World, accounts: dict[int, Account]) -> World:
    """The world with these accounts in place of its own; their identifiers must not differ."""
    return evolve(world, accounts={**world.accounts, **accounts})


def with_taken(world: World, emails: Set[str]) -> World:
    """The world in which these addresses are other users' as well."""
    other_users = world.directory.other_users | emails
    return evolve(world, directory=evolve(world.directory, other_users=other_users))


@custom_importer(unchanged_rows_are_skipped, "rows_that_change_nothing_are_not_remembered")
class ForgettingWhatChangedNothing(ReferenceImporter):
    """A row that changes nothing does not become the row last applied."""

    def handle(self, request: Received) -> Response:
        """A response; rows without effect are forgotten."""
        before = self.world.accounts
        response = super().handle(request)
        if request["op"] == "import":
            in_vain = {key: old for key, new in self.world.accounts.items() if new == (old := before.get(key)) and old}
            self.world = with_accounts(self.world, in_vain)
        return response


@custom_importer(unchanged_rows_are_skipped, "only_the_same_file_is_unchanged")
class RememberingFiles(ReferenceImporter):
    """Rows are skipped only where the whole file is the one that came last, byte for byte."""

    def __init__(self) -> None:
        super().__init__()
        self.last: dict[str, str] = {}

    def handle(self, request: Received) -> Response:
        """A response; the rows of the last file are forgotten when another file comes."""
        if request["op"] == "import":
            home = request["institution"]
            if self.last.get(home) != request["csv"]:
                own = {k: evolve(a, last_applied=None) for k, a in self.world.accounts.items() if a.home == home}
                self.world = with_accounts(self.world, own)
            self.last[home] = request["csv"]
        elif request["op"] == "reset":
            self.last = {}
        return super().handle(request)


class RememberingByUsername(ReferenceImporter):
    """An importer that remembers the last applied rows by institution and username, not by student."""

    part = "the memory of rows"

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[tuple[str | None, str | None], Cells] = {}

    def handle(self, request: Received) -> Response:
        """A response; before a file the memory is copied to the accounts, and after it collected from them."""
        if request["op"] == "reset":
            self.forget()
        if "csv" not in request:
            return super().handle(request)
        accounts = self.world.accounts
        known = {key: evolve(a, last_applied=self.rows.get((a.home, a.username))) for key, a in accounts.items()}
        self.world = with_accounts(self.world, known)
        response = super().handle(request)
        for account in self.world.accounts.values():
            if account.last_applied is not None and account.last_applied is not self._before(known, account):
                self.rows[account.home, account.username] = account.last_applied
        return response

    def forget(self) -> None:
        """Forget all rows."""
        self.rows = {}

    def _before(self, known: dict[int, Account], account: Account) -> Cells | None:
        return known[account.key].last_applied if account.key in known else None


@custom_importer(unchanged_rows_are_skipped, "rows_are_remembered_by_username")
class RowsByUsername(RememberingByUsername):
    """The last applied row is remembered for the username, not for the student."""


@custom_importer(unchanged_rows_are_skipped, "rows_are_remembered_for_ever")
class RowsForEver(RememberingByUsername):
    """A reset does not make the rows last applied forgotten."""

    def forget(self) -> None:
        """Forget nothing."""


@custom_importer(email_is_unique_everywhere, "addresses_of_the_deleted_world_stay_taken")
class AddressesForEver(ReferenceImporter):
    """A reset leaves the addresses of its students taken."""

    def handle(self, request: Received) -> Response:
        """A response; a reset keeps the addresses of the world before."""
        old = self.world
        response = super().handle(request)
        if request["op"] == "reset":
            there = {student.email_address for student in old.students()}
            self.world = with_taken(self.world, old.directory.other_users | there)
        return response


@custom_importer(delete_pending, "addresses_of_the_deleted_stay_taken")
class AddressesOfTheDeleted(ReferenceImporter):
    """The address of a deleted account stays taken."""

    def handle(self, request: Received) -> Response:
        """A response; the address of a deleted account stays taken."""
        gone = dict(self.world.accounts)
        response = super().handle(request)
        if request.get("action") == "delete_pending":
            deleted = {a.email_address for key, a in gone.items() if key not in self.world.accounts}
            self.world = with_taken(self.world, deleted)
        return response


@custom_importer(confirm_email, "a_refused_confirmation_drops_the_request")
class DroppingRequests(ReferenceImporter):
    """A confirmation that is refused drops the address asked for."""

    def handle(self, request: Received) -> Response:
        """A response; a refused confirmation drops the request."""
        response = super().handle(request)
        if request.get("action") == "confirm_email" and not response["done"]:
            student = self.world.student(normal_email(request["email"]))
            if student:
                self.world = self.world.put(evolve(student, requested_email=None))
        return response


@custom_importer(emails_ignore_case, "actions_compare_addresses_with_case")
class ActionsWithCase(ReferenceImporter):
    """Actions compare addresses with case."""

    def handle(self, request: Received) -> Response:
        """A response; an action does not find an address with capitals."""
        email = request.get("email", "")
        if request["op"] == "do" and request["action"] != "sign_up" and email != normal_email(email):
            return {"done": True, "access": False} if request["action"] == "sign_in" else {"done": False}
        return super().handle(request)


@custom_importer(a_failed_row_changes_nothing, "one_failure_undoes_the_file")
class UndoingFiles(ReferenceImporter):
    """If one row of a file fails, no row is applied, though the report says otherwise."""

    def handle(self, request: Received) -> Response:
        """A response; a file with a failed row changes nothing."""
        before = self.world
        response = super().handle(request)
        if request["op"] == "import" and any(row["outcome"] == "failed" for row in response["report"]["rows"]):
            self.world = before
        return response


MOST = 50  # lines at either end of a file where the malformed part is looked for


@custom_importer(file_is_utf8_csv, "rows_before_the_trouble_are_applied")
class ApplyingWhatItCan(ReferenceImporter):
    """A file refused for its last lines is applied up to there."""

    def handle(self, request: Received) -> Response:
        """A response; the valid first part of a refused file is applied."""
        response = super().handle(request)
        if request["op"] == "import" and response["report"]["refused"] is not None:
            lines = base64.b64decode(request["csv"]).splitlines(keepends=True)
            near = range(1, len(lines))
            for most in dict.fromkeys((*near[: -MOST - 1 : -1], *near[MOST - 1 :: -1])):  # not in all of a long file
                part = {**request, "csv": base64.b64encode(b"".join(lines[:most])).decode("ascii")}
                report, world = answer(self.world, part, self.ruleset)
                if report["report"]["refused"] is None:
                    self.world = world
                    break
        return response


@custom_importer(rows_that_share_an_identifier_fail, "failed_rows_share_identifiers_too")
class CountingFailedRows(ReferenceImporter):
    """A row that has failed already counts where identifiers are compared."""

    def __init__(self) -> None:
        super().__init__()
        failed: list[tuple[int, Cells]] = []

        def note(cells: Cells) -> tuple[Complaint, ...]:
            complaints = username_and_email_are_required(cells)
            failed.extend([(-1 - len(failed), cells)] if complaints and cells is not NO_CELLS else [])
            return complaints

        def share(rows: list[tuple[int, Cells]]) -> dict[int, str]:
            texts = rows_that_share_an_identifier_fail([*rows, *failed])
            failed.clear()
            return {number: text for number, text in texts.items() if number > 0}

        ruleset = self.ruleset.replacing(username_and_email_are_required, note)
        self.ruleset = ruleset.replacing(rows_that_share_an_identifier_fail, share)


@custom_importer(dates_follow_the_job, "dates_are_read_once")
class RememberingDates(ReferenceImporter):
    """The first reading of an end date is reused in jobs of the other format."""

    def __init__(self) -> None:
        super().__init__()
        known: dict[str, Cell] = {}

        @applies_to(END_DATE)
        def read(cell: Cell, place: Place) -> Cell:
            return known.setdefault(str(cell), dates_follow_the_job(cell, place))

        self.ruleset = self.ruleset.replacing(dates_follow_the_job, read)


@custom_importer(enumerations_match_exactly, "levels_and_years_are_read_once")
class RememberingWords(ReferenceImporter):
    """The first reading of a level or a year is reused for institutions of the other vocabulary."""

    def __init__(self) -> None:
        super().__init__()
        known: dict[tuple[Kind, str], Cell] = {}

        @applies_to(Kind.LEVEL, Kind.YEAR)
        def read(cell: Cell, place: Place) -> Cell:
            return known.setdefault((place.column.kind, str(cell)), enumerations_match_exactly(cell, place))

        self.ruleset = self.ruleset.replacing(enumerations_match_exactly, read)
