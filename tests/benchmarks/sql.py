"""The same file through the SQL importer, in memory: another implementation of the same rules."""

from base64 import b64encode
from collections import Counter
from itertools import islice, zip_longest
from operator import itemgetter
from typing import Any

from attrs import asdict

from conformance.implementations.sql import SqlImporter
from refmodel.engine import import_file
from refmodel.serialization import institution_as_data, observe
from tests.benchmarks.contestants import counts
from tests.benchmarks.measures import Contestant, Outcome
from tests.benchmarks.students import FAULTY_IN, JOB, empty_world, faulty, file_of, one_in, students

MODEL = "the model"
SQL = "the SQL importer"
SETS = ("system_label_names", "declined_by")

Wire = dict[str, Any]


def importers(count: int) -> list[Contestant]:
    """The model and the SQL importer, which have to come to the same world."""
    data, wrong = file_of(faulty(islice(students(), count))), one_in(FAULTY_IN, count)
    expected = {"created": count - wrong, "failed": wrong}
    right = in_order(observe(import_file(empty_world(), JOB, data)[0]))
    service = SqlImporter()
    return [
        Contestant(MODEL, count, lambda: import_file(empty_world(), JOB, data), expected, lambda r: counts(r[1])),
        Contestant(SQL, count, lambda: imported(service, data), expected, lambda report: told(service, report, right)),
    ]


def imported(service: SqlImporter, data: bytes) -> Wire:
    """The report on a file that is imported into an empty world."""
    world = empty_world()
    places = [institution_as_data(institution) for institution in world.directory.institutions.values()]
    answered(service, op="reset", world={"institutions": places, "employers": sorted(world.directory.employers)})
    job = {name: value for name, value in asdict(JOB).items() if value}
    report: Wire = answered(service, op="import", csv=b64encode(data).decode(), **job)["report"]
    return report


def answered(service: SqlImporter, **request: object) -> Wire:
    """The response to a request."""
    response = service.handle(request)
    if "error" in response:
        raise RuntimeError(f"the SQL importer: {response['error']}")
    return response


def told(service: SqlImporter, report: Wire, right: list[Wire]) -> Outcome:
    """How many rows had which outcome, and how many accounts are not the model's, if any are not."""
    outcomes = Counter(row["outcome"] for row in report["rows"])
    accounts = in_order(answered(service, op="observe")["accounts"])
    different = sum(theirs != ours for theirs, ours in zip_longest(accounts, right))
    return {**outcomes, "other accounts": different} if different else outcomes


def in_order(accounts: list[Wire]) -> list[Wire]:
    """Accounts by e-mail address, and sets in their order."""
    sets = ({name: sorted(account[name]) for name in SETS} for account in accounts)
    return sorted((account | lists for account, lists in zip(accounts, sets)), key=itemgetter("email_address"))
