"""Campaigns: a search of hours on all cores, or on many machines, that can be killed and goes on where it was.

    saved         a history as one line of JSON, and the example database of histories that showed a difference
    tasks         the work of one worker: search from a seed, replay saved histories, shrink a finding
    bugs          which findings show the same bug, and which of them are worth shrinking
    journal       what is done, in a file to which lines are only added
    worker_pools  the workers: Dask's, or this process
    campaign      the campaign itself: it hands out tasks until the time is up
    showing       its progress

Invariants:
1. A task counts once and whole, or not at all, whatever is killed while it runs.
2. A task has a seed of its own, which follows from the campaign's seed and the task's number.
3. A bug is shrunk once; a difference that the masked bugs account for is not a new bug.
"""

DATABASE = ".hypothesis/campaigns"  # where findings are saved by default
