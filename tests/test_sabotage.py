"""The suite catches the wrong importers of the catalogue: by the examples of the broken rule, and by the search."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import pytest

import conformance.sabotage
from conformance.playing import Importer, introduced, play
from conformance.sabotage import SABOTAGES, importer
from conformance.scenarios import Example, examples
from conformance.search import Lockstep, RandomSource, Searched, moves_for, one_history
from conformance.targets import BadTarget, connect
from refmodel.catalogue import CATALOGUE

SEEDS = ("0", "1")
HISTORIES = 20  # that the search makes of each seed
