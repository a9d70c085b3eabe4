"""Campaigns: a search of hours on all cores, or on many machines, that can be killed and goes on where it was.

    saved         a history as one line of JSON, and the example database that keeps those that showed something
    tasks         what one worker does: search from a seed, play saved histories anew, shrink what was found
    bugs          which finds are one bug, and which of them is worth shrinking
    journal       what is done, in a file to which lines are only added
    worker_pools  who does the work: Dask's workers, or this process
    campaign      the campaign itself: tasks are given out until the time is up
    showing       how far it is

Laws:
1. A task counts once, whole, or not at all, whoever is killed while it is worked on.
2. A task begins at a seed of its own, which the campaign's seed and its number give.
3. A bug is shrunk once; what an oracle that deviates as the known bugs do accounts for is not a new one.
"""

DATABASE = ".hypothesis/campaigns"  # where finds are kept, if nothing else is said
