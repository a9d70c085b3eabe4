"""The state machine: it asks what an importer claims, fails where it does, and what it prints is a program."""

import inspect
import re
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, reproduce_failure, seed, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

import conformance
from conformance import ImporterMachine
from conformance.generation.history import ActionStep, FileStep
from conformance.mutants import MUTANTS
from conformance.oracle.reference import importer as reference
from conformance.oracle.state import OracleState
from conformance.protocol.requests import ACTIONS, institution, world
from conformance.protocol.responses import Hello
from conformance.search.state_machine import Differs, machine_for
from conformance.session.client import Importer, introduced
from conformance.transport.targets import connect
from tests.repository.test_docs import fences, lay_out, pattern_of, run, session
from tests.support.paths import ROOT

PAGE = ROOT / "conformance" / "docs" / "STATE_MACHINE.md"
MISTAKES = ["new_students_are_excluded", "auth_identifier_is_always_starred", "missing_students_are_archived"]


def machine_at(target: str, **attributes: object) -> type[ImporterMachine]:
    """A machine for a target."""
    return type("Machine", (ImporterMachine,), {"target": target, **attributes})


def draw(machine: type[ImporterMachine], examples: int = 200, number: int = 1, **changes: Any) -> None:
    """Draw histories, the same ones each time."""
    drawing = settings(
        max_examples=examples,
        stateful_step_count=12,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(number)(machine), settings=settings(drawing, **changes))


@cache
def failure_of(name: str) -> tuple[type[ImporterMachine], str, str]:
    """A machine that has found and shrunk what is wrong with a mutant; the error, and the program."""
    machine = machine_at(f"python:conformance.mutants:{name}")
    with pytest.raises(Differs) as raised:
        draw(machine, phases=[Phase.generate, Phase.shrink])
    return machine, str(raised.value), program_in(raised.value)


def program_in(error: BaseException) -> str:
    """The program that Hypothesis adds to an error."""
    notes = "\n".join(error.__notes__)
    return notes[notes.index("state = ") : notes.index("state.teardown()")] + "state.teardown()\n"


def rules_of(machine: type[ImporterMachine]) -> set[str]:
    """The names of a machine's rules."""
    return {rule.function.__name__ for rule in machine.setup_state().rules}


class TestRules:
    """There is a rule for each operation, and no other is asked than the importer claims."""

    def test_every_operation_has_one(self) -> None:
        """Files, previews, observations, and each action by its name."""
        assert rules_of(ImporterMachine) == {
            *("import_file", "import_row", "import_again", "preview_file", "observe"),
            *ACTIONS,
        }

    def test_an_action_has_the_arguments_that_it_has(self) -> None:
        """They are those of the model, whatever they are."""
        rules = {rule.function.__name__: rule for rule in ImporterMachine.setup_state().rules}
        assert {name: set(rules[name].arguments) for name in ACTIONS} == {
            name: set(arguments) for name, arguments in ACTIONS.items()
        }

    def test_everything_that_is_claimed_is_asked_and_happens(self) -> None:
        """Some hundred histories have every action, done and refused, previews, and every outcome of a row."""
        asked: set[object] = set()

        class Watching(ImporterMachine):
            def take(self, step: FileStep | ActionStep) -> None:
                super().take(step)
                answer = self.play.exchanges[-2].response
                asked.add(("preview" if step.preview else "import") if isinstance(step, FileStep) else step.action)
                if isinstance(step, ActionStep):
                    asked.add((step.action, answer["done"]))

        for number in range(60):  # Hypothesis varies what it has drawn, so a new seed brings more than more histories
            draw(Watching, 8, number=number, phases=[Phase.generate])
        assert {"import", "preview", *ACTIONS} <= asked
        assert {(action, True) for action in ACTIONS} <= asked
        assert {"created", "updated", "unchanged", "failed", "refused"} <= set(Watching.searched.outcomes)

    def test_nothing_else_is_asked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """An importer that claims one action and few columns meets no other action, column or preview."""
        asked: list[Mapping[str, Any]] = []

        class Listening:
            def __init__(self) -> None:
                self.importer = reference()

            def handle(self, request: dict[str, Any]) -> dict[str, Any]:
                asked.append(request)
                return self.importer.handle(request)

        columns = ["email_address", "username", "auth_identifier", "card_id", "first_name", "last_name"]
        columns += ["primary_education:end_date", "school_year_name"]
        with connect("python:conformance.reference:importer") as target:
            monkeypatch.setattr(target, "handle", Listening().handle)
            few = Importer(target, Hello(1, supports=["sign_up"], columns=columns))
            draw(machine_for(few, few.known()), 100, phases=[Phase.generate])
        assert {request["op"] for request in asked} == {"reset", "import", "do", "observe"}
        assert {request["action"] for request in asked if request["op"] == "do"} == {"sign_up"}


class TestFailures:
    """A failure says what differs, is small, and is a program that runs."""

    @pytest.mark.parametrize("name", MISTAKES)
    def test_the_program_fails_again(self, name: str) -> None:
        """What Hypothesis prints is executed as it stands, and the importer is caught again, in the same places."""
        machine, error, program = failure_of(name)
        with pytest.raises(Differs) as again:
            exec(program, {"Machine": machine, "FileStep": FileStep})
        assert str(again.value) == error

    def test_a_right_importer_passes_the_program(self) -> None:
        """It is the importer that fails, not the program."""
        _, _, program = failure_of(MISTAKES[0])
        exec(program, {"Machine": machine_at("python:conformance.reference:importer"), "FileStep": FileStep})

    def test_the_error_says_where_the_importer_differs(self) -> None:
        """The student, the field, what was expected and what came."""
        _, error, _ = failure_of("new_students_are_excluded")
        assert error == "account a@north.edu: excluded_from_sync: expected false, got true"

    def test_it_is_small(self) -> None:
        """One student with the required columns, blank where they may be, is created by an automatic job."""
        machine, _, _ = failure_of("new_students_are_excluded")
        assert machine.last is not None
        (step,) = machine.last.steps
        assert isinstance(step, FileStep)
        assert (len(step.header), len(step.rows), step.mode) == (6, 1, "automatic")

    def test_a_broken_law_is_named(self) -> None:
        """Where the model makes the mistake too, the laws of the semantics are what is left."""
        mutant = MUTANTS["missing_students_are_archived"]
        target = f"python:conformance.mutants:{mutant.name}"
        machine = machine_at(target, start=OracleState(ruleset=mutant.ruleset))
        with pytest.raises(Differs, match=r"^law ") as raised:
            draw(machine, phases=[Phase.generate])
        with pytest.raises(Differs, match=r"^law "):
            exec(program_in(raised.value), {"Machine": machine, "FileStep": FileStep})

    def test_what_changes_when_it_is_only_looked_at_is_found(self) -> None:
        """An importer that shows something else when it is asked again differs."""
        machine = machine_at("python:tests.conformance.search.test_state_machine:Forgetful")
        with pytest.raises(Differs):
            draw(machine, phases=[Phase.generate])


class Forgetful:
    """The reference, which shows no student when it is asked a second time."""

    def __init__(self) -> None:
        self.importer, self.last = reference(), ""

    def handle(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer of the reference, but to the second of two observations."""
        again, self.last = self.last == "observe" == request["op"], request["op"]
        return {"accounts": []} if again else self.importer.handle(request)


class TestHypothesis:
    """What Hypothesis can do with any state machine it can do with this one."""

    def test_the_same_seed_draws_the_same(self) -> None:
        """Two machines meet the same histories under one seed."""
        machines = [machine_at("python:conformance.reference:importer") for _ in range(2)]
        for machine in machines:
            draw(machine, 20, phases=[Phase.generate])
        one, other = (machine.searched for machine in machines)
        assert (one.steps, one.files, one.outcomes) == (other.steps, other.files, other.outcomes)
        assert one.steps > 50

    def test_a_failure_is_reproduced_from_its_blob(self) -> None:
        """The decorator that Hypothesis prints brings back the same failure at once."""
        machine = machine_at(f"python:conformance.mutants:{MISTAKES[0]}")
        with pytest.raises(Differs) as raised:
            draw(machine, phases=[Phase.generate, Phase.shrink], print_blob=True)
        (blob,) = re.findall(r"reproduce_failure\('[\d.]+', (b'.*?')\)", "\n".join(raised.value.__notes__))
        again = reproduce_failure(hypothesis.__version__, eval(blob))(machine_at(machine.target))
        with pytest.raises(Differs, match=re.escape(str(raised.value))):
            run_state_machine_as_test(again, settings=settings(database=None, deadline=None))
        assert again.searched.histories <= 2

    def test_a_plain_import_does_not_import_hypothesis(self) -> None:
        """The name in the package is lazy, since every run of pytest imports the package."""
        code = "import sys, conformance; assert 'hypothesis' not in sys.modules; conformance.ImporterMachine"
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
        with pytest.raises(AttributeError, match="no attribute 'ImporterMachines'"):
            _ = conformance.ImporterMachines


class TestSubclasses:
    """Others may have their own worlds, operations and invariants."""

    def test_a_history_begins_in_ones_own_world(self) -> None:
        """Files and actions are then about the institutions of that world, whatever they are called."""

        class West(ImporterMachine):
            worlds = (world(institution("west", ["west.edu"], staff=["registrar@west.edu"])),)
            homes: ClassVar[set[str | None]] = set()

            @invariant()
            def students_are_at_west(self) -> None:
                """The accounts that the importer shows are those of the model."""
                self.homes.update(account["institution"] for account in self.accounts)
                assert {account["email_address"] for account in self.accounts} == set(self.world.emails)

        draw(West, 300, phases=[Phase.generate])
        assert West.homes == {"west", None}

    def test_two_classes_count_for_themselves(self) -> None:
        """What one has gone through is not put down to another."""
        one, other = (machine_at("python:conformance.reference:importer") for _ in range(2))
        draw(one, 3, phases=[Phase.generate])
        assert one.searched.histories > 0 == other.searched.histories

    def test_an_importer_may_be_given(self) -> None:
        """In place of a target."""
        with connect("python:conformance.reference:importer") as target:
            given = introduced(target)
            machine = machine_for(given, given.known())
            draw(machine, 3, phases=[Phase.generate])
        assert machine.searched.steps > 0


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of the page."""
    return lay_out(PAGE, tmp_path_factory.mktemp("desk"))


class TestPage:
    """What the page about the machine shows is what comes."""

    def test_its_commands_print_what_stands_below_them(self, desk: Path) -> None:
        """The failure of the first example is a program."""
        pairs = [pair for token in fences(PAGE) if token.info == "console" for pair in session(token.content)]
        assert len(pairs) == 1
        for command, output in pairs:
            printed = run(command, desk)
            assert pattern_of(output).fullmatch(printed), printed

    @pytest.mark.parametrize("name", ["test_nightly.py", "test_files.py"])
    def test_its_other_examples_pass(self, desk: Path, name: str) -> None:
        """Each file is a test that passes."""
        printed = run(f"pytest {name} -q --no-header -p no:cacheprovider", desk)
        assert re.search(r"^[12] passed", printed, re.MULTILINE), printed

    def test_it_names_every_strategy_and_every_rule(self) -> None:
        """The table has all that is public, and the text the rules that are no actions."""
        from conformance import strategies

        text = PAGE.read_text("utf-8")
        plural = [name for name in strategies.__all__ if inspect.isfunction(getattr(strategies, name))]
        assert [name for name in plural if f"| `{name}(" not in text] == []
        assert [name for name in rules_of(ImporterMachine) - {*ACTIONS} if f"`{name}`" not in text] == []
