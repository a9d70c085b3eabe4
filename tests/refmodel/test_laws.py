"""The laws, true of every history: each holds, is put to the test by what the histories reach, and notices
when the model is bent.

A law is a class. `check` asserts it of one history under some rules and counts how often what the law is about
really came up; `bent` are rule sets under which some history must break it. The last three laws follow from
the rules and are nowhere coded.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import pytest
from attrs import evolve, frozen
from hypothesis import Phase, given, seed
from hypothesis import strategies as st

from conformance.generation.history import FileStep
from conformance.search.exhaustive.model_invariants import (
    again_changes_nothing,
    columns_have_no_order,
    exports_change_nothing,
    failed_rows_come_back,
    may_be_sent_again,
    strangers,
    strangers_may_change_places,
)
from conformance.search.exhaustive.operations import Operation
from conformance.search.exhaustive.stepping import ReadyFile, made_ready
from refmodel.actions import AddByEmail, Approve, Decline, DeletePending, Done, Refused, SetDisabled
from refmodel.catalogue import CATALOGUE, rule
from refmodel.cell import normal_email
from refmodel.columns import DISABLED, SENSITIVE, SYSTEM_LABEL_NAMES
from refmodel.engine import File, Step, active_rules, import_rows, lookup, preview, read_file
from refmodel.failures import SENSITIVE_FIELDS
from refmodel.header import Header
from refmodel.job import Job
from refmodel.report import Failed, Report, Unchanged
from refmodel.row import Changes, Row, connection
from refmodel.rules.report import failed_rows_file
from refmodel.ruleset import STANDARD, Ruleset
from refmodel.serialization import export, observe, observed
from refmodel.world import IDENTIFIERS, Account, Draft, Institution, World
from tests.support.strategies import JOBS, ROUNDS, History, Import, Moment, Sheet, bounded, histories, play
from tests.support.world_builder import missing_students_are_deleted, replace_rule, without

Observation = list[dict[str, Any]]


# Looking at a history.


def moments(history: History, ruleset: Ruleset) -> list[Moment]:
    """The history, played."""
    return list(play(history.world, history.steps, ruleset))


@frozen
class Imported:
    """A moment in which a file was imported that was not refused."""

    before: World
    job: Job
    sheet: Sheet
    after: World
    report: Report


def imports(history: History, ruleset: Ruleset) -> Iterator[Imported]:
    """The files of a history that were not refused."""
    for moment in play(history.world, history.steps, ruleset):
        if isinstance(moment.step, Import) and isinstance(moment.answer, Report) and not moment.answer.refused:
            yield Imported(moment.before, moment.step.job, moment.step.sheet, moment.after, moment.answer)


def made_ready_again(file: Imported, ruleset: Ruleset) -> ReadyFile:
    """The file as the laws of the exploration take it, to be taken in its world once more."""
    job, sheet = file.job, file.sheet
    step = FileStep(
        job.institution,
        sheet.header,
        sheet.rows,
        job.mode,
        job.change_sensitive_fields,
        job.date_format,
        line_ending="\r\n",
        trailing_garbage=sheet.tail,
    )
    assert step.data() == sheet.data
    ready = made_ready(0, Operation("file", step), file.before, ruleset)
    assert isinstance(ready, ReadyFile)
    return ready


def seen(world: World) -> Observation:
    """What `observe` shows, in an order that does not depend on who came first."""
    return sorted(observe(world), key=lambda account: str(account["email_address"]))


def in_steps(file: Imported, ruleset: Ruleset) -> Iterator[Step]:
    """Row after row: what became of it."""
    return (step for step, _ in drafted(file, ruleset))


def observed_in_steps(file: Imported, ruleset: Ruleset) -> Iterator[tuple[Step, Observation, Observation]]:
    """Row after row: what became of it, and what could be observed before and after it."""
    known: dict[int, tuple[Account, dict[str, Any]]] = {}  # by identity: most accounts are the same after a row

    def look(students: Iterable[Account]) -> Observation:
        found = list(students)
        known.update((id(each), (each, observed(each))) for each in found if id(each) not in known)
        return [known[id(each)][1] for each in found]

    before = look(file.before.students())
    for step, draft in drafted(file, ruleset):
        after = look(draft.students())
        yield step, before, after
        before = after


def drafted(file: Imported, ruleset: Ruleset) -> Iterator[tuple[Step, Draft]]:
    """Row after row: what became of it, and the draft after it."""
    draft = Draft.of(file.before)
    rows = read_file(draft.institution(file.job.institution), file.job, file.sheet.data, ruleset)
    assert isinstance(rows, File)
    for step in import_rows(draft, file.job, rows, ruleset):
        yield step, draft


def changed(before: World, after: World) -> Iterator[tuple[Account, Account]]:
    """The accounts that are there before and after and are not the same, on both sides."""
    for key, account in before.accounts.items():
        if key in after.accounts and after.accounts[key] != account:
            yield account, after.accounts[key]


def rules_that_failed(report: Report) -> set[str]:
    """The names of all rules that failed a row."""
    return {name for result in report.failed for name in result.rules}


# The law.


class Law:
    """What all laws have in common: the three tests."""

    bent: ClassVar[tuple[Ruleset, ...]]
    often: ClassVar[int] = 3  # how often the interesting case comes up at least

    def check(self, history: History, whim: random.Random, ruleset: Ruleset) -> int:
        """Assert the law of a history; how often the interesting case came up in it."""
        raise NotImplementedError

    def run(self, ruleset: Ruleset, rounds: int, **settings: Any) -> int:
        """Assert the law of many histories; how often the interesting case came up in all of them."""
        return sum(self.round(ruleset, number, **settings) for number in range(rounds))

    def round(self, ruleset: Ruleset, number: int, **settings: Any) -> int:
        """Assert the law of some histories, of others in every round."""
        came_up = 0

        @bounded(**settings)
        @seed(zlib.crc32(type(self).__name__.encode()) + number)
        @given(histories(), st.randoms(use_true_random=False))
        def holds(history: History, whim: random.Random) -> None:
            nonlocal came_up
            came_up += self.check(history, whim, ruleset)

        holds()
        return came_up


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each way in which a law's rules are bent."""
    if "bent" in metafunc.fixturenames and metafunc.cls:
        metafunc.parametrize("bent", metafunc.cls.bent, ids=named)


def named(ruleset: Ruleset) -> str:
    """A rule set by what is different in it."""
    return " ".join(f"{a.__name__}-{getattr(b, '__name__', 'out')}" for a, b in ruleset.deviations)


class Laws(Law):
    """The tests that every law inherits."""

    def test_it_holds_and_is_put_to_the_test(self) -> None:
        """The law holds in every history, and what it is about comes up often enough to say so.

        What Hypothesis draws differs from release to release, so there are more rounds where it came up too seldom.
        """
        came_up, further = self.run(STANDARD, ROUNDS), iter(range(ROUNDS, 200))
        while came_up < self.often:
            came_up += self.round(STANDARD, next(further))

    @pytest.mark.filterwarnings("ignore:Generating overly large repr")  # of the one that does: it may have a large file
    def test_it_notices(self, bent: Ruleset) -> None:
        """Under these rules some history breaks the law."""
        with pytest.raises(AssertionError):
            self.run(bent, 200, phases=[Phase.generate])


# Laws of the world.


class TestEmailsAreUnique(Laws):
    """1. No e-mail address is that of two users."""

    bent = (without("email_is_unique_everywhere"), without("emails_ignore_case"))

    def check(self, history: History, whim: random.Random, ruleset: Ruleset) -> int:
        came_up = 0
        for moment in moments(history, ruleset):
            addresses = [normal_email(account.email_address) for account in moment.after.students()]
            addresses += moment.after.directory.other_users
            assert len(set(addresses)) == len(addresses)
            if isinstance(moment.answer, Report):
                came_up += "email_is_unique_everywhere" in rules_that_failed(moment.answer)
        return came_up


class TestIdentifiersAreUniqueInsideAnInstitution(Laws):
    """2. Of the students connected to or pending at one institution no two have the same username, the same
    auth identifier or the same card number."""

    bent = (
        without("username_is_looked_up_first"),
        without("username_is_unique_in_the_institution"),
        without("auth_identifier_is_unique_in_the_institution"),
        without("card_id_is_unique_in_the_institution"),
    )

    def check(self, history: History, whim: random.Random, ruleset: Ruleset) -> int:
        came_up = 0
        for moment in moments(history, ruleset):
            held = [
                (account.home, column, account.stored(column))
                for account in moment.after.students()
                for column in IDENTIFIERS
                if account.home and account.stored(column) is not None
            ]
            assert len(set(held)) == len(held)
            if isinstance(moment.answer, Report):
                came_up += any("in_the_institution" in name for name in rules_that_failed(moment.answer))
            came_up += isinstance(moment.answer, Refused) and "taken at the" in moment.answer.text
        return came_up


class TestDatesAreInOrder(Laws):
    """3. Where an account has both dates, the start is not after the end."""

    bent = (without("end_date_is_not_before_start_date"),)

    def check(self, history: History, whim: random.Random, ruleset: Ruleset) -> int:
        came_up = 0
        for moment in moments(history, ruleset):
            for account in moment.after.students():
                start, end = account.primary_education_start_date, account.primary_education_end_date
                assert start is None or end is None or start <= end
                came_up += bool(start and end)
        return came_up


class TestWhatFailsChangesNothing(Laws):
    """4. Nothing that can be observed is changed by a refused file, by a row that failed or is unchanged, or by
    a refused action."""

    bent = (without("a_failed_row_changes_nothing"),)

    def check(self, history: History, whim: random.Random, ruleset: Ruleset) -> int:
        came_up = 0
        for moment in moments(history, ruleset):
            refused = isinstance(moment.answer, Refused) or (
                isinstance(moment.answer, Report) and moment.answer.refused is not None
            )
            assert not refused or observe(moment.before) == observe(moment.after)
        for file in imports(history, ruleset):
            for step, before, after in observed_in_steps(file, ruleset):
                if isinstance(step.result, (Failed, Unchanged)):
                    assert before == after
                    came_up += isinstance(step.result, Failed) and step.before is not None
        return came_up


# Laws of who may be changed.


class TestSensitiveFieldsNeedTheSetting(Laws):
    """5. No sensitive field of an account that exists is changed by a job without the setting."""

    bent = (without("sensitive_fields_need_the_setting"),)

    def check(self, history: History, whim: random.Random, ruleset: Ruleset) -> int:
        came_up = 0
        for file in imports(history, ruleset):
            if not file.job.change_sensitive_fields:
                for before, after in changed(file.before, file.after):
                    assert [before.stored(c) for c in SENSITIVE] == [after.stored(c) for c in SENSITIVE]
                came_up += any(r.response["errors"] == SENSITIVE_FIELDS for r in file.report.failed)
        return came_up


class TestStudentsElsewhereAreLeftAlone(Laws):
    """6. No job changes a student who is connected to another institution, and a job without the setting
    changes only students connected to or pending at its own."""

    bent = (
        without("other_schools_students_are_invisible"),
        without("an_unconnected_student_needs_the_setting"),
    )

    def check(self, history: History, whim: random.Random, ruleset: Ruleset) -> int:
        came_up = 0
        for file in imports(history, ruleset):
            own = file.job.institution
            for before, _ in changed(file.before, file.after):
                assert before.institution in (own, None)
                assert file.job.change_sensitive_fields or before.home == own
            named = {normal_email(row["email_address"]) for row in texts_of(file)}
            came_up += any(a.institution != own and a.email_address in named for a in file.before.students())
        return came_up


def texts_of(file: Imported) -> list[dict[str, str]]:
    """Header → text, row by row."""
    return [file.sheet.texts(number) for number in file.sheet.numbered]


class TestImportsDeleteNobody(Laws):
    """7. There are never fewer accounts after an import than before it."""

    bent = (replace_rule("absence_changes_nothing", missing_students_are_deleted),)

    def check(self, history: History, whim: random.Random, ruleset: Ruleset) -> int:
        came_up = 0
        for file in imports(history, ruleset):
            assert len(file.after.accounts) >= len(file.before.accounts)
            here = [account.username for account in file.before.connected(file.job.institution)]
            came_up += bool(set(here) - {row["username"] for row in texts_of(file)})
        return came_up


def new_data_bring_back(row: Row) -> Changes:
    """An importer for which whoever is in the file is active, unless it says otherwise."""
    return {"disabled": row.cell(DISABLED) is True}


class TestDisabledOnlyByWord(Laws):
    """8. Whether an account is disabled changes only where somebody says so in a word of its own: TRUE or FALSE
    in its row, or the action."""

    bent = (without("absence_changes_nothing"), replace_rule("disabled_only_by_word", new_data_bring_back))

    def check(self, history: History, whim: random.Random, ruleset: Ruleset) -> int:
        came_up = 0
        for moment in moments(history, ruleset):
            turned = [b for a, b in changed(moment.before, moment.after) if a.disabled is not b.disabled]
            assert not turned or isinstance(moment.step, (Import, SetDisabled))
        for file in imports(history, ruleset):
            told = {
                (step.after.key, file.sheet.texts(step.result.row).get("disabled"))
                for step in in_steps(file, ruleset)
                if step.after and not isinstance(step.result, Failed)
            }
            for before, after in changed(file.before, file.after):
                assert before.disabled is after.disabled or (after.key, str(after.disabled).upper()) in told
                came_up += before.disabled
        return came_up


class TestLabelsNeedTheirColumn(Laws):
    """9. An import changes the labels only of students whose row stands in a file with the column, and of those
    who leave another institution by it."""

    bent = (without("absent_column_keeps"),)

    def check(self, history: History, whim: random.Random, ruleset: Ruleset) -> int:
        came_up = 0
        for file in imports(history, ruleset):
            if SYSTEM_LABEL_NAMES.header not in file.sheet.header:
                for before, after in changed(file.before, file.after):
                    left = before.home not in (None, after.home)
                    assert left or before.system_label_names == after.system_label_names
                    came_up += bool(before.system_label_names)
        return came_up


def archiving_is_turned_over(row: Row) -> Changes:
    """An importer that archives the active and brings the archived back."""
    return {"disabled": row.student is not None and not row.student.disabled}


class TestTheRowsAboveDoNotDecideWhoseARowIs(Laws):
    """A row's student is the one whom it finds in the world before the file."""

    bent = (
        without("rows_that_find_the_same_student_fail"),
        without("rows_that_share_an_identifier_fail"),
    )

    def check(self, history: History, whim: random.Random, ruleset: Ruleset) -> int:
        came_up = 0
        for file in imports(history, ruleset):
            institution, rules = file.before.institution(file.job.institution), active_rules(ruleset)
            rows = read_file(institution, file.job, file.sheet.data, ruleset)
            assert isinstance(rows, File)
            cells, before = {row.number: row.cells for row in rows.rows}, Draft.of(file.before)
            for step in in_steps(file, ruleset):
                if step.before or not isinstance(step.result, Failed):
                    found = lookup(cells[step.result.row], before, institution, rules)
                    assert (found and found.key) == (step.before and step.before.key)
            came_up += "rows_that_find_the_same_student_fail" in rules_that_failed(file.report)
        return came_up


class TestSentAgainAFileChangesNothing(Laws):
    """10. A file of which no row failed changes nothing when it is sent again under the same job."""

    bent = (
        without("username_is_looked_up_first", "email_is_looked_up_second", "email_is_unique_everywhere"),
        without("unchanged_rows_are_skipped").replacing(rule("disabled_only_by_word"), archiving_is_turned_over),
    )

    def check(self, history: History, whim: random.Random, ruleset: Ruleset) -> int:
        came_up = 0
        for file in imports(history, ruleset):
            ready = made_ready_again(file, ruleset)
            taken = ready.take(file.before)
            if may_be_sent_again(taken):
                assert not [*again_changes_nothing(ready, taken)]
                came_up += observe(file.before) != observe(file.after)
        return came_up


def whoever_is_updated_is_connected(row: Row) -> Changes:
    """An importer that takes a row for a student as their approval."""
    return connection(row.institution.id, row.student)


class TestPendingEndsByStaffOrUnderTheSetting(Laws):
    """11. A request is open until staff answer it, or until a job with the setting succeeds."""

    bent = (replace_rule("a_sensitive_update_connects_and_approves", whoever_is_updated_is_connected),)

    def check(self, history: History, whim: random.Random, ruleset: Ruleset) -> int:
        came_up = 0
        for moment in moments(history, ruleset):
            waiting = {a.key for a in moment.after.students() if a.pending_at}
            ended = [a for a in moment.before.students() if a.pending_at and a.key not in waiting]
            assert not ended or self.may_end(moment)
            came_up += isinstance(moment.step, Import) and bool(waiting & set(changed_keys(moment)))
        return came_up

    def may_end(self, moment: Moment) -> bool:
        """Whether what happened is one of the things that end a request."""
        if isinstance(moment.answer, Report) and isinstance(moment.step, Import):
            return moment.step.job.change_sensitive_fields and moment.answer.count("updated") > 0
        staff = isinstance(moment.step, (Approve, Decline, DeletePending, AddByEmail))
        return staff and isinstance(moment.answer, Done)


def changed_keys(moment: Moment) -> Iterator[int]:
    """Whose accounts changed."""
    return (account.key for account, _ in changed(moment.before, moment.after))


# Laws of reports.


def failed_rows_backwards(data: bytes, responses: dict[int, str], ruleset: Ruleset) -> bytes:
    """An importer that gives the failed rows in the order in which it happened to find them."""
    header, *rows = failed_rows_file(data, responses, STANDARD).splitlines(keepends=True)
    return b"".join([header, *rows[::-1]])


def first_failed_row_only(data: bytes, responses: dict[int, str], ruleset: Ruleset) -> bytes:
    """An importer that stops giving rows back after one."""
    first = dict(sorted(responses.items())[:1])
    return failed_rows_file(data, first, STANDARD)


class TestFailedRowsComeBack(Laws):
    """12. The file of failed rows holds every row that failed, once, in the order of the file."""

    bent = (
        replace_rule("failed_rows_file", failed_rows_backwards),
        replace_rule("failed_rows_file", first_failed_row_only),
    )

    def check(self, history: History, whim: random.Random, ruleset: Ruleset) -> int:
        came_up = 0
        for file in imports(history, ruleset):
            assert not [*failed_rows_come_back(made_ready_again(file, ruleset), file.report)]
            came_up += len(file.report.failed) > 1
        return came_up


def preview_of_an_empty_world(world: World, job: Job, data: bytes, ruleset: Ruleset) -> Report:
    """An importer whose preview looks at the file and not at the students."""
    return preview(evolve(world, accounts={}, emails={}, rosters=World.of(*everybody(world)).rosters), job, data)


def everybody(world: World) -> Iterator[Institution]:
    """The institutions of a world."""
    yield from world.directory.institutions.values()


class TestPreviewIsTheImport(Laws):
    """13. A preview gives the report that the import gives, and changes nothing."""

    bent = (replace_rule("preview", preview_of_an_empty_world),)

    def check(self, history: History, whim: random.Random, ruleset: Ruleset) -> int:
        came_up = 0
        for moment in moments(history, ruleset):
            if isinstance(moment.step, Import):
                before = observe(moment.before)
                shown = ruleset.in_place_of(preview)(moment.before, moment.step.job, moment.step.sheet.data, ruleset)
                assert shown == moment.answer
                assert observe(moment.before) == before
                came_up += observe(moment.after) != before
        return came_up


# Laws of how a file is written.


def eight_columns_are_enough(header: Header, institution: Institution) -> Header:
    """An importer that reads the columns up to the eighth, and no further."""
    return Header.of(header.cells, header.columns[:8])


def every_header_is_known(header: Header, institution: Institution) -> str | None:
    """An importer that refuses what it does not know."""
    return "unknown header" if any(header.unknown) else None


class TestColumnsHaveNoOrder(Laws):
    """14. The columns may stand in any order, and one that nobody knows may stand among them: nothing changes
    but the width of the rows."""

    bent = (
        replace_rule("campus_needs_campuses", eight_columns_are_enough),
        replace_rule("no_header_appears_twice", every_header_is_known),
    )

    def check(self, history: History, whim: random.Random, ruleset: Ruleset) -> int:
        came_up = 0
        for file in imports(history, ruleset):
            assert not [*columns_have_no_order(made_ready_again(file, ruleset), file.before)]
            came_up += observe(file.before) != observe(file.after)
        return came_up


def first_come_first_labelled(row: Row) -> Changes:
    """An importer whose labels tell who came first."""
    return {"system_label_names": frozenset({str(len(row.world.accounts))})}


class TestStrangersMayChangePlaces(Laws):
    """15. Rows that have no student and no identifier in common may be reordered, and a file of them may be cut
    in two: the world that comes of it is the same."""

    bent = (
        without("absence_changes_nothing"),
        replace_rule("labels_are_exactly_the_cell", first_come_first_labelled),
    )

    def check(self, history: History, whim: random.Random, ruleset: Ruleset) -> int:
        came_up = 0
        for file in imports(history, ruleset):
            ready = made_ready_again(file, ruleset)
            assert isinstance(ready.file, File)
            few = strangers(ready.file, file.before)
            after = ready.taken(file.before, few).after
            assert not [*strangers_may_change_places(ready, few, file.before, after)]
            came_up += len(few.rows) > 1 and seen(after) != seen(file.before)
        return came_up


class TestAnExportChangesNothing(Laws):
    """16. The students connected to an institution, written out as a file of all columns, change nothing when
    they are imported, whatever the job; rows may fail."""

    bent = (replace_rule("disabled_only_by_word", archiving_is_turned_over),)

    def check(self, history: History, whim: random.Random, ruleset: Ruleset) -> int:
        came_up = 0
        for world in {id(m.after): m.after for m in moments(history, ruleset)}.values():
            job = whim.choice(JOBS)
            file = read_file(world.institution(job.institution), job, export(world, job.institution), ruleset)
            assert not [*exports_change_nothing(world, job, file, ruleset)]
            came_up += len(list(world.connected(job.institution)))
        return came_up


# What follows from the rules without being one.


class TestWithoutTheSettingBothMustMatch(Laws):
    """A job without the setting updates a student only where username and e-mail address are both theirs."""

    bent = (without("sensitive_fields_need_the_setting"),)

    def check(self, history: History, whim: random.Random, ruleset: Ruleset) -> int:
        came_up = 0
        for file in imports(history, ruleset):
            if not file.job.change_sensitive_fields:
                named = {(row["username"], normal_email(row["email_address"])) for row in texts_of(file)}
                updated = list(changed(file.before, file.after))
                assert named.issuperset((a.username, a.email_address) for a, _ in updated)
                came_up += len(updated)
        return came_up


class TestWithoutTheSettingIdentityStays(Laws):
    """A job without the setting leaves username, e-mail, auth identifier and card of every existing account as
    they are, row after row."""

    bent = (without("sensitive_fields_need_the_setting"),)

    def check(self, history: History, whim: random.Random, ruleset: Ruleset) -> int:
        came_up = 0
        for file in imports(history, ruleset):
            if not file.job.change_sensitive_fields:
                for step in in_steps(file, ruleset):
                    if step.before and step.after:
                        kept = [step.before.stored(c) == step.after.stored(c) for c in SENSITIVE]
                        assert all(kept)
                        came_up += step.result.outcome == "updated"
        return came_up


class TestNewIdentitiesUpdateNobody(Laws):
    """Without the setting, a row whose username and e-mail address are both new to the institution creates an
    account or fails; it never updates one."""

    bent = (without("sensitive_fields_need_the_setting", "an_unconnected_student_needs_the_setting"),)

    def check(self, history: History, whim: random.Random, ruleset: Ruleset) -> int:
        came_up = 0
        for file in imports(history, ruleset):
            if file.job.change_sensitive_fields:
                continue
            known = set(identities(file.before, file.job.institution))
            for step in in_steps(file, ruleset):
                texts = file.sheet.texts(step.result.row)
                named = {texts["username"], normal_email(texts["email_address"])}
                if not named & known:
                    assert step.result.outcome in ("created", "failed")
                    came_up += step.before is not None
                known |= named
        return came_up


def identities(world: World, institution: str) -> Iterator[str]:
    """The usernames and e-mail addresses that an institution knows."""
    for account in world.students():
        if account.home == institution:
            yield from (account.username or "", account.email_address)


# Every rule, left out.


@pytest.mark.parametrize("name", CATALOGUE)
def test_no_rule_is_load_bearing(name: str) -> None:
    """Whichever rule is left out, no file and no action makes the model raise: it answers otherwise."""

    @bounded()
    @seed(zlib.crc32(name.encode()))
    @given(histories())
    def goes_on(history: History) -> None:
        for moment in play(history.world, history.steps, without(name)):
            assert isinstance(observe(moment.after), list)

    goes_on()
