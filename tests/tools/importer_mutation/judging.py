"""Whether the suite notices a mutant: by what is written down, or by a search at the default budget.

A mutant is asked in a process of its own, a fork of this one: it may hang, or take more and more memory, and what it
has imported is gone with it.
"""

import importlib.abc
import importlib.util
import multiprocessing
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib.machinery import ModuleSpec
from multiprocessing.connection import Connection
from pathlib import Path
from types import ModuleType

from msgspec import Struct

from conformance.generation.randomness import RandomSource
from conformance.protocol.requests import ACTIONS
from conformance.search.budget import SHARDS, Budget
from conformance.search.random_search import generator_for, one_history
from conformance.search.results import SearchResult
from conformance.search.state_machine import machine_for, searched_by
from conformance.session.client import Importer, introduced
from conformance.session.lockstep import Lockstep
from conformance.transport.faults import BadTarget, Fault
from conformance.transport.targets import connect
from tests.tools.importer_mutation.conversations import Conversation, differs
from tests.tools.importer_mutation.javascript_mutants import SWITCH
from tests.tools.importer_mutation.mutants import Mutant

SQL = "conformance.implementations.sql"
USUAL, STAGING = f"python:{SQL}:importer", f"python:{SQL}:staging_importer"
# Of these modules every file is asked about twice, the second time as if it were long.
OF_LONG_FILES = ("importing", "ledger", "long_files", "records", "staging")
MEMORY = 4_000_000_000  # bytes: a mutant that never ends may never end taking more
TIMEOUT = 5.0  # seconds for one response; who takes longer is asked again
PATIENCE = 20.0
GUARD = 1800.0  # seconds after which a process is ended that its own limits did not end
CLAIMS = frozenset({"preview", *ACTIONS})  # of both importers; a run would leave out what a mutant does not claim
BUDGET = Budget.named("default", 0)


class Verdict(Struct, frozen=True):
    """Whether a mutant was noticed, whether only on the way of long files, and by what: a conversation, or a search."""

    killed: bool
    staged: bool = False
    by: str = ""


SURVIVES = Verdict(False)


def change(mutant: Mutant) -> None:
    """Make the change, in this process and in those that it starts."""
    if mutant.importer == "javascript":
        os.environ[SWITCH] = mutant.source
        return
    for name in [name for name in sys.modules if f"{name}.".startswith(f"{SQL}.")]:
        del sys.modules[name]
    sys.meta_path.insert(0, ChangedModule(f"{SQL}.{mutant.module}", mutant.source))


class ChangedModule(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports one module from a text, and leaves all others to Python."""

    def __init__(self, name: str, source: str) -> None:
        self.name, self.source = name, source

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module from the text, if that is asked for."""
        return importlib.util.spec_from_loader(fullname, self, is_package=False) if fullname == self.name else None

    def get_source(self, fullname: str) -> str:
        """The text."""
        return self.source


def targets_of(mutant: Mutant, copy: Path) -> tuple[str, ...]:
    """Under which targets a mutant is asked; `copy` is where the instrumented JavaScript is."""
    if mutant.importer == "javascript":
        return (f"cmd:node --max-old-space-size=1024 {copy / 'importer.mjs'}",)
    return (USUAL, STAGING) if mutant.module in OF_LONG_FILES else (USUAL,)


# By what is written down.


def asked(targets: Iterable[str], conversations: Iterable[Conversation]) -> Verdict:
    """What the examples and edge cases say of an importer, under the first target that shows anything."""
    for target in targets:
        if by := noticed_by(target, conversations):
            return Verdict(True, target == STAGING, by)
    return SURVIVES


def noticed_by(target: str, conversations: Iterable[Conversation]) -> str:
    """The first conversation that shows that the importer is wrong; blank where none does."""
    try:
        with connect(target, timeout=TIMEOUT) as connected:
            importer = introduced(connected)
            if importer.supports != CLAIMS or importer.hello.columns is not None:
                return "hello"
            shows = (one.name for one in conversations if is_wrong(importer, one))
            return next(shows, "")
    except (BadTarget, Fault):
        return "start"


def is_wrong(importer: Importer, conversation: Conversation) -> bool:
    """Whether it differs or is at fault; who was only slow, as anybody may be on a busy machine, is asked again."""
    try:
        return differs(importer, conversation)
    except Fault as fault:
        if fault.kind != "timeout":
            return True
    importer.target.timeout = PATIENCE
    try:
        return differs(importer, conversation)
    except Fault:
        return True


# By search.


def searched(targets: Iterable[str]) -> Verdict:
    """What the search says of an importer, the random one and then the state machine, as in a run."""
    for target in targets:
        with connect(target) as connected:
            importer = introduced(connected)
            if by := found_at_random(importer) or found_by_machine(importer):
                return Verdict(True, target == STAGING, by)
    return SURVIVES


def found_at_random(importer: Importer) -> str:
    """The history of the random search that differs, lane by lane; blank where none does."""
    for lane in range(SHARDS):
        lockstep, source = Lockstep(importer, importer.known()), RandomSource.seeded(f"{BUDGET.seed}-{lane}")
        for number in range(int(BUDGET.histories / SHARDS)):
            try:
                differs = one_history(lockstep, generator_for(importer, source), SearchResult())[2]
            except Fault:
                differs = True
            if differs:
                return f"history {number} of lane {lane}"
    return ""


def found_by_machine(importer: Importer) -> str:
    """That the state machine found a history that differs, or blank."""
    try:
        return "machine" if searched_by(machine_for(importer, importer.known()), BUDGET).found else ""
    except Fault:
        return "machine"


# In a process of its own.


def apart(mutant: Mutant, judge: Callable[[], Verdict]) -> Verdict:
    """What a judge says of a mutant in a process of its own; one that must be ended is noticed."""
    forked = multiprocessing.get_context("fork")
    ours, theirs = forked.Pipe(duplex=False)
    child = forked.Process(target=judged, args=(mutant, judge, theirs))
    child.start()
    theirs.close()
    try:
        verdict: Verdict = ours.recv() if ours.poll(GUARD) else Verdict(True, by="guard")
    except EOFError:
        verdict = Verdict(True, by="end")
    finally:
        end(child.pid or 0)
        child.join()
        ours.close()
    return verdict


def judged(mutant: Mutant, judge: Callable[[], Verdict], answer: Connection) -> None:
    """In the child: make the change, judge, and say what came."""
    os.setsid()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY) if mutant.importer == "sql" else (-1, -1))
    change(mutant)
    answer.send(judge())


def end(process: int) -> None:
    """End a process that leads its own group, with all that it started."""
    try:
        os.killpg(process, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
