"""The projection: accounts and reports of the model as JSON of the protocol."""

import base64

from conformance.protocol.responses import Response
from refmodel.report import Report, as_json
from refmodel.rules.report import failed_rows_file
from refmodel.ruleset import STANDARD, Ruleset
from refmodel.serialization import observed
from refmodel.world import Account

_SEEN: dict[int, tuple[Account, Response]] = {}
_MOST_SEEN = 10_000


def seen(account: Account) -> Response:
    """What can be observed of an account; the same object for the same account, so callers must not change it."""
    # Worlds share the accounts that did not change, and each is observed after every step.
    known = _SEEN.get(id(account))
    if known is not None and known[0] is account:
        return known[1]
    if len(_SEEN) >= _MOST_SEEN:
        _SEEN.clear()
    plain = observed(account)
    _SEEN[id(account)] = account, plain
    return plain


def report_as_data(report: Report, data: bytes, ruleset: Ruleset = STANDARD) -> Response:
    """A report as JSON of the protocol."""
    if report.refused:
        return {"refused": report.refused.text, "rows": []}
    rows = [{"row": r.row, "outcome": r.outcome, "response": dict(r.response)} for r in report.results]
    responses = {result.row: as_json(result.response) for result in report.failed}
    write = ruleset[failed_rows_file]
    failed = write(data, responses, ruleset) if write else data
    return {
        "refused": None,
        "warnings": list(report.warnings),
        "rows": rows,
        "failed_rows_csv": base64.b64encode(failed).decode("ascii"),
    }
