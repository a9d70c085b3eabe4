"""What Dask loads first in each worker of this machine, those that come in the place of a dead one too."""

import os
import signal
from typing import Protocol

from conformance.search.campaign.tasks import NUMBER


class Worker(Protocol):
    """A worker of Dask."""

    name: object


def dask_setup(worker: Worker) -> None:
    """The worker knows its number, and leaves Ctrl-C, which reaches every process of a terminal, to the campaign."""
    os.environ[NUMBER] = str(worker.name)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
