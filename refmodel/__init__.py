"""The reference model of a student import: what a file, and everything else people do, makes of a world."""

from refmodel.actions import act
from refmodel.importing import import_file, preview
from refmodel.jobs import Job
from refmodel.plain import export
from refmodel.rulesets import Ruleset
from refmodel.world import Account, Institution, World

__version__ = "0.1.0"

__all__ = ["Account", "Institution", "Job", "Ruleset", "World", "act", "export", "import_file", "preview"]
