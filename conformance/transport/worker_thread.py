"""A thread for calls of an importer, so that the suite need not wait for one that hangs."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

from attrs import frozen

from conformance.transport.faults import TimeUp

T = TypeVar("T")


@frozen
class Raised:
    """What a call raised in the thread; the caller raises it again."""

    error: BaseException


class WorkerThread:
    """A thread that runs one call at a time; abandoned when a call does not end."""

    # Not an executor: at its exit Python waits for the threads of executors, and a hanging importer never ends.

    def __init__(self, name: str) -> None:
        self._calls: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def run(self, call: Callable[[], T], timeout: float) -> T:
        outcomes: queue.SimpleQueue[T | Raised] = queue.SimpleQueue()
        self._calls.put(lambda: outcomes.put(_outcome(call)))
        try:
            outcome = outcomes.get(timeout=timeout)
        except queue.Empty:
            raise TimeUp from None
        if isinstance(outcome, Raised):
            raise outcome.error
        return outcome

    def dismiss(self) -> None:
        self._calls.put(None)

    def _work(self) -> None:
        for call in iter(self._calls.get, None):
            call()


def _outcome(call: Callable[[], T]) -> T | Raised:
    try:
        return call()
    except BaseException as error:
        return Raised(error)
