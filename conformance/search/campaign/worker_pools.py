"""Worker pools, which do the work of a campaign: this process, or Dask's workers, here or on many machines."""

import logging
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager, suppress
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol

from attrs import define, field, frozen

from conformance.search.campaign.tasks import Done, Work, dismiss, do

if TYPE_CHECKING:  # Dask is optional
    from distributed import LocalCluster

LOGGING = "DASK_LOGGING__DISTRIBUTED"
GONE = "the scheduler has gone; give the same command again to go on"
KILLS = 2  # workers that a task may kill before it is given up
CLOSING = 30.0  # seconds that workers have to end in; then they end with this process


class NoWorkerPool(ValueError):
    """There are no workers; the text says why and what to do."""


@frozen
class Lost:
    """Work that could not be done, since its workers died."""

    work: Work
    text: str


class WorkerPool(Protocol):
    """Takes work and gives back results, in any order."""

    def size(self) -> int:
        """How much can be worked on at the same time."""
        ...

    def begin(self, work: Work) -> None:
        """Take a piece of work."""
        ...

    def finished(self, seconds: float) -> list[Done | Lost]:
        """What is done; waits so long for something."""
        ...

    def under_way(self) -> int:
        """How many pieces are not finished."""
        ...


@define
class InlinePool:
    """This process, one piece of work after the other."""

    waiting: list[Work] = field(factory=list)

    def size(self) -> int:
        """One."""
        return 1

    def begin(self, work: Work) -> None:
        """Put it at the end."""
        self.waiting.append(work)

    def finished(self, seconds: float) -> list[Done | Lost]:
        """Do what is in front."""
        return [do(self.waiting.pop(0))] if self.waiting else []

    def under_way(self) -> int:
        """All that was not asked for yet."""
        return len(self.waiting)


class Future(Protocol):
    """What Dask promises for a piece of work."""

    def done(self) -> bool: ...
    def cancelled(self) -> bool: ...
    def result(self) -> Done: ...


@define
class Dask:
    """The workers of a Dask scheduler."""

    distributed: ModuleType
    client: Any  # a Client of Dask, which has no types
    futures: dict[Future, Work] = field(factory=dict)

    def size(self) -> int:
        """The threads of the workers that are there now."""
        with scheduler_there():
            return sum(self.client.nthreads().values())

    def begin(self, work: Work) -> None:
        """Hand it to the scheduler, which hands it out again if its worker dies."""
        with scheduler_there():
            self.futures[self.client.submit(do, work, pure=False)] = work

    def finished(self, seconds: float) -> list[Done | Lost]:
        """What came back. NoWorkerPool where the scheduler is gone."""
        if self.client.status not in ("running", "connecting"):
            raise NoWorkerPool(GONE)
        if not self.futures:
            time.sleep(seconds)  # until somebody comes who can be given something
        with scheduler_there(), suppress(TimeoutError):
            self.distributed.wait(list(self.futures), timeout=seconds, return_when="FIRST_COMPLETED")
        return [self._taken(future) for future in list(self.futures) if future.done()]

    def _taken(self, future: Future) -> Done | Lost:
        work = self.futures.pop(future)
        if future.cancelled():
            raise NoWorkerPool(GONE)
        try:
            done = future.result()
        except self.distributed.KilledWorker:
            return Lost(work, f"{KILLS + 1} workers died while they worked on this, perhaps because of it")
        except (ImportError, RuntimeError):
            raise NoWorkerPool(
                "a worker has another refmodel, or lacks some packages: install the same on all machines"
            ) from None
        return done

    def under_way(self) -> int:
        """All that is handed out."""
        return len(self.futures)


@contextmanager
def scheduler_there() -> Iterator[None]:
    """NoWorkerPool where the scheduler turns out to be gone."""
    try:
        yield
    except (OSError, CancelledError):
        raise NoWorkerPool(GONE) from None


@contextmanager
def alone() -> Iterator[WorkerPool]:
    """This process; its importers are ended afterwards."""
    try:
        yield InlinePool()
    finally:
        dismiss()


@contextmanager
def cluster_here(workers: int, closing: float = CLOSING) -> Iterator[WorkerPool]:
    """Workers on this machine, a process each, which nobody else can reach. NoWorkerPool where Dask is missing.

    A cluster can wait forever for its end: where a worker has just died, and another is begun in its place. So it is
    waited for only that many seconds (`closing`); its processes end with this one in any case.
    """
    dask, distributed = imported()
    with ExitStack() as stack:
        with uninterrupted(), dask.config.set({"distributed.scheduler.allowed-failures": KILLS}):
            cluster = distributed.LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                scheduler_kwargs={"dashboard": False},
                worker_dashboard_address=None,
                silence_logs="CRITICAL",
                preload=["conformance.search.campaign.preloaded"],
            )
            stack.callback(close, cluster, closing)
            client = stack.enter_context(distributed.Client(cluster))
        try:
            yield Dask(distributed, client)
        finally:
            with uninterrupted():
                stack.close()


def close(cluster: "LocalCluster", seconds: float) -> None:
    """End a cluster's workers, or leave them to the end of this process."""
    with suppress(TimeoutError):
        cluster.close(timeout=seconds)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ctrl-C does nothing for a moment, and never anything to the processes that begin in it.

    Dask and its workers would complain at length of one that comes while they begin or end. A signal that is only
    blocked would reach the workers, for Python's own tracker of resources unblocks it where it begins.
    """
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def cluster_at(address: str, seconds: float = 20.0) -> Iterator[WorkerPool]:
    """The workers of a scheduler that runs already. NoWorkerPool where it does not answer."""
    _, distributed = imported()
    try:
        client = distributed.Client(address, timeout=seconds)
    except OSError as error:
        text = f"--scheduler {address}: no scheduler answers there: {error}; `dask scheduler` starts one"
        raise NoWorkerPool(text) from None
    except (ValueError, TypeError):
        raise NoWorkerPool(f"--scheduler {address}: no scheduler answers there; write tcp://HOST:8786") from None
    with client:
        if not client.nthreads():
            raise NoWorkerPool(
                f"--scheduler {address}: it has no workers; `dask worker {address} --nthreads 1` starts one"
            )
        yield Dask(distributed, client)


def imported() -> tuple[ModuleType, ModuleType]:
    """Import Dask, and silence its messages about workers that come and go."""
    os.environ.setdefault(LOGGING, "critical")  # for the workers too, which inherit it
    try:
        import dask
        import distributed
    except ModuleNotFoundError as missing:
        raise NoWorkerPool(f"{missing.name} is missing: pip install 'refmodel[campaign]'") from None
    for name in ("asyncio", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return dask, distributed
