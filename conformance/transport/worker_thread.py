"""A thread that an importer is asked in, so that the suite need not wait for one that hangs."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from conformance.transport.faults import TimeUp

T = TypeVar("T")


class WorkerThread:
    """A thread that runs one call at a time; abandoned when a call does not end."""

    # Not an executor: Python waits at its exit for the threads of those, and a hanging importer never ends.

    def __init__(self, name: str) -> None:
        self._calls: queue.SimpleQueue[Callable[[], Any] | None] = queue.SimpleQueue()
        self._outcomes: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def run(self, call: Callable[[], T], timeout: float) -> T:
        self._calls.put(call)
        try:
            value, wrong = self._outcomes.get(timeout=timeout)
        except queue.Empty:
            raise TimeUp from None
        if wrong is not None:
            raise wrong
        return value  # type: ignore[no-any-return]

    def dismiss(self) -> None:
        self._calls.put(None)

    def _work(self) -> None:
        for call in iter(self._calls.get, None):
            try:
                self._outcomes.put((call(), None))
            except BaseException as wrong:  # whoever waits for the outcome raises it
                self._outcomes.put((None, wrong))
