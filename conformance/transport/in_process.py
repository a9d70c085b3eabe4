"""An importer in this process, written in Python; an alarm or a thread of its own limits its time."""

from __future__ import annotations

import importlib
import operator
import os
import signal
import sys
import threading
import time
import traceback
import types
from collections.abc import Callable
from typing import Protocol, Self, TypeGuard, TypeVar

from conformance.protocol.requests import Received, Request
from conformance.protocol.responses import Response
from conformance.transport.base import Target
from conformance.transport.faults import BadTarget, ExchangeError, Kind, TimeUp, clipped
from conformance.transport.json_values import kind_of, plain_dict, plain_object
from conformance.transport.worker_thread import WorkerThread

T = TypeVar("T")
Handler = Callable[[int, types.FrameType | None], object]

NAG = 0.5  # seconds until an importer that swallowed its time-out is interrupted again


class Importer(Protocol):
    """What a factory makes."""

    def handle(self, request: Received) -> object:
        """The response to a request of the protocol."""
        ...  # pragma: no cover


class PythonTarget(Target):
    """An object with a `handle` method, made by a factory, in this process."""

    def __init__(self, name: str, factory: Callable[[], object], timeout: float) -> None:
        super().__init__(name, timeout)
        self._factory = factory
        self._instance: _Instance | None = None
        self._worker: WorkerThread | None = None

    @classmethod
    def open(cls, name: str, rest: str, timeout: float) -> Self:
        module_name, _, attribute = rest.partition(":")
        if not module_name or not attribute:
            raise BadTarget(f"{name!r} is not a target: write python:package.module:factory")
        return cls(name, _factory(_module(module_name), attribute), timeout)

    def _is_started(self) -> bool:
        return self._instance is not None

    def exchange(self, request: Request, timeout: float) -> Response:
        sent = plain_dict(request)
        instance = self._instance = self._instance or _Instance(self._factory)
        try:
            return plain_object(self._in_time(lambda: instance.answer(sent), timeout))
        except TimeUp:
            raise ExchangeError("timeout", f"no answer within {timeout:g} s") from None

    def _in_time(self, call: Callable[[], T], timeout: float) -> T:
        # An importer may be bound to the thread that created it, as sqlite3 is, so it stays with its worker.
        if self._worker is None and _alarm_is_possible():
            return _before_alarm(call, timeout)
        if self._worker is None:
            self._worker = WorkerThread(self.name)
        return self._worker.run(call, timeout)

    def _end(self) -> None:
        self._instance = None
        if self._worker:
            self._worker.dismiss()
            self._worker = None


class _Instance:
    """One instance of an importer; an abandoned thread keeps the instance that it uses."""

    def __init__(self, factory: Callable[[], object]) -> None:
        self._factory = factory
        self._importer: Importer | None = None

    def answer(self, request: Received) -> object:
        importer = self._importer = self._importer or self._made()
        return _guarded(lambda: importer.handle(request), "the importer raised an exception", "error")

    def _made(self) -> Importer:
        importer = _guarded(self._factory, "the factory could not make the importer", "unreachable")
        if not _is_importer(importer):
            raise ExchangeError("unreachable", f"the factory made {kind_of(importer)} without a method `handle`")
        return importer


def _is_importer(made: object) -> TypeGuard[Importer]:
    return callable(getattr(made, "handle", None))


def _module(name: str) -> types.ModuleType:
    _make_current_directory_importable()
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name and f"{name}.".startswith(f"{missing.name}."):
            raise BadTarget(
                f"no module named {missing.name!r}: install it, or run in the folder that contains it"
            ) from None
        raise BadTarget(f"module {name!r} cannot be imported, repair it: {missing}") from missing
    except (Exception, SystemExit) as wrong:
        raise BadTarget(f"module {name!r} cannot be imported, repair it:\n{_last_of(wrong)}") from wrong


def _make_current_directory_importable() -> None:
    here = os.getcwd()
    if here not in sys.path and "" not in sys.path:
        sys.path.insert(0, here)


def _factory(module: types.ModuleType, attribute: str) -> Callable[[], object]:
    try:
        factory: object = operator.attrgetter(attribute)(module)
    except AttributeError as missing:
        message = str(missing)  # a module with its own __getattr__ may have a better message
        plain = f"module {module.__name__!r} has no {attribute!r}: name a function in it"
        raise BadTarget(plain if "has no attribute" in message else message) from None
    if not callable(factory):
        raise BadTarget(
            f"{module.__name__}:{attribute} is {kind_of(factory)}: name a function that returns an importer"
        )
    return factory


def _guarded(call: Callable[[], T], what: str, kind: Kind) -> T:
    """ExchangeError for whatever the importer raises, also SystemExit and a test framework's skip, but not Ctrl-C."""
    try:
        with _Interrupts() as interrupts:
            return call()
    except TimeUp:
        raise
    except BaseException as wrong:
        if isinstance(wrong, KeyboardInterrupt) and interrupts.came:
            raise
        raise ExchangeError(kind, f"{what}:\n{_last_of(wrong)}") from None


def _last_of(wrong: BaseException) -> str:
    lines = "".join(traceback.format_exception(wrong)).splitlines()
    return "\n".join(clipped(line) for line in lines[-12:])


class _Interrupts:
    """Notes whether a KeyboardInterrupt comes from the keyboard or was raised by the importer itself."""

    def __init__(self) -> None:
        self.came = False
        self._before: Handler | None = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            before = signal.getsignal(signal.SIGINT)
            if callable(before):
                self._before = before
                signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before:
            signal.signal(signal.SIGINT, self._before)

    def _note(self, number: int, frame: types.FrameType | None) -> None:
        self.came = True
        if self._before:
            self._before(number, frame)


def _alarm_is_possible() -> bool:
    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()


class _Alarm:
    """Raises TimeUp in the main thread while it is on."""

    def __init__(self) -> None:
        self.on = True
        self.rang = False

    def ring(self, _number: int, _frame: types.FrameType | None) -> None:
        if self.on:
            self.rang = True
            raise TimeUp


def _before_alarm(call: Callable[[], T], timeout: float) -> T:
    alarm, started = _Alarm(), time.monotonic()
    handler = signal.signal(signal.SIGALRM, alarm.ring)
    timer = signal.setitimer(signal.ITIMER_REAL, timeout, NAG)
    try:
        try:
            answer = call()
        finally:
            alarm.on = False
    finally:
        # Again, because the alarm may have rung just before it was turned off.
        alarm.on = False
        _restore_alarm(handler, timer, time.monotonic() - started)
    if alarm.rang:
        raise TimeUp
    return answer


def _restore_alarm(handler: Handler | int | None, timer: tuple[float, float], elapsed: float) -> None:
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL if handler is None else handler)
    remaining, interval = timer
    if remaining:
        signal.setitimer(signal.ITIMER_REAL, max(remaining - elapsed, 0.001), interval)
