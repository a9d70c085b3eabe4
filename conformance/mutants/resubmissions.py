"""Mutants of what comes back: which cells of a failed row are taken for an old status and response."""

import json
from collections.abc import Callable, Mapping, Sequence

from conformance.mutants.operators import Mutant
from conformance.mutants.reporting import Record, failed_rows_as

STATUS_COLUMNS = ["status", "response"]
HeaderKnown = Callable[[Sequence[str]], bool]
RowKnown = Callable[[Sequence[str], int], bool]  # takes the header's width too


def ends_with_both(header: Sequence[str]) -> bool:
    """Whether the two columns are the last ones."""
    return [*header[-2:]] == STATUS_COLUMNS


def was_here(row: Sequence[str], width: int) -> bool:
    """Whether the last two cells of a row are an old status and response."""
    if row[-2:-1] == ["failed"] and row[-1].startswith("{"):
        return True
    return len(row) == width and not row[-2].startswith("{")


def _ragged(known: Callable[[str, str], bool]) -> RowKnown:
    """Rows of the header's width as they should be, and others by their last two cells."""
    return lambda row, width: was_here(row, width) if len(row) == width else len(row) > 1 and known(row[-2], row[-1])


def _whole(known: Callable[[str, str], bool]) -> RowKnown:
    """Other rows as they should be, and those of the header's width by their last two cells."""
    return lambda row, width: known(row[-2], row[-1]) if len(row) == width else was_here(row, width)


def is_json(text: str) -> bool:
    """Whether a text is JSON."""
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _recognised(
    name: str,
    statement: str,
    row_known: RowKnown = was_here,
    header_known: HeaderKnown = ends_with_both,
    cells: int = 2,
) -> Mutant:
    """Failed rows whose last cells are replaced where the header and the row are known."""

    def change(rows: list[Record], sent: list[Record], responses: Mapping[int, str]) -> list[Record]:
        header = sent[0]
        again = header_known(header)
        written = [header if again else [*header, *STATUS_COLUMNS]]
        for number, row in enumerate(sent[1:], start=1):
            if number in responses:
                kept = row[:-cells] if again and row_known(row, len(header)) else row
                written.append([*kept, "failed", responses[number]])
        return written

    return failed_rows_as(name, statement, change)


rows_recognised_otherwise = (
    _recognised(
        "failed_alone_is_an_old_status",
        "A ragged row whose last cell but one is failed loses two cells, whatever the last one is.",
        _ragged(lambda status, response: status == "failed"),
    ),
    _recognised(
        "a_response_alone_is_an_old_one",
        "A ragged row whose last cell begins with { loses two cells, whatever stands in front of it.",
        _ragged(lambda status, response: response.startswith("{")),
    ),
    _recognised(
        "failed_in_any_case_is_an_old_status",
        "A ragged row with Failed or FAILED and a response loses two cells.",
        _ragged(lambda status, response: status.lower() == "failed" and response.startswith("{")),
    ),
    _recognised(
        "failed_is_trimmed",
        "A ragged row with a blank around failed, and a response, loses two cells.",
        _ragged(lambda status, response: status.strip() == "failed" and response.startswith("{")),
    ),
    _recognised(
        "responses_are_trimmed",
        "A ragged row with a blank in front of its response loses two cells.",
        _ragged(lambda status, response: status == "failed" and response.strip().startswith("{")),
    ),
    _recognised(
        "old_responses_have_to_be_json",
        "A ragged row keeps an old status whose response is no longer JSON.",
        _ragged(lambda status, response: status == "failed" and response.startswith("{") and is_json(response)),
    ),
    _recognised(
        "any_json_is_an_old_response",
        "A ragged row with failed and any JSON loses two cells.",
        _ragged(lambda status, response: status == "failed" and (response.startswith("{") or is_json(response))),
    ),
    _recognised(
        "the_two_cells_may_change_places",
        "A ragged row with a response and failed, in this order, loses two cells.",
        lambda row, width: was_here(row, width) or (row[-1] == "failed" and row[-2].startswith("{")),
    ),
    _recognised(
        "blank_cells_behind_the_status_are_passed_over",
        "A ragged row loses two cells where blank ones stand behind a status and a response.",
        lambda row, width: was_here(row, width) or ("failed" in row[:-2] and not any(row[-2:])),
    ),
    _recognised(
        "old_status_needs_one_cell_too_many",
        "A row keeps an old status unless it is one cell longer than the header.",
        lambda row, width: was_here(row, width) and len(row) in (width, width + 1),
    ),
    _recognised(
        "ragged_rows_keep_their_old_status",
        "A ragged row gets two cells more with each round.",
        _ragged(lambda status, response: False),
    ),
    _recognised(
        "only_failed_is_replaced",
        "In a row of the header's width only failed is replaced, and any other status stays.",
        _whole(lambda status, response: status == "failed"),
    ),
    _recognised(
        "only_responses_are_replaced",
        "In a row of the header's width only what looks like a response is replaced.",
        _whole(lambda status, response: response.startswith("{")),
    ),
    _recognised(
        "blank_cells_under_status_stay",
        "In a row of the header's width blank cells under status and response stay.",
        _whole(lambda status, response: bool(status or response) and not status.startswith("{")),
    ),
)


def in_any_case(header: Sequence[str]) -> bool:
    """Whether the two columns are the last ones, in any case."""
    return [name.lower() for name in header[-2:]] == STATUS_COLUMNS


headers_recognised_otherwise = (
    _recognised(
        "status_columns_ignore_case",
        "Status and Response in any capitals are the two columns.",
        header_known=in_any_case,
    ),
    _recognised(
        "status_columns_are_trimmed",
        "The two columns are known with blanks around their names.",
        header_known=lambda header: [name.strip() for name in header[-2:]] == STATUS_COLUMNS,
    ),
    _recognised(
        "status_columns_may_change_places",
        "A header that ends with response and status counts as one with the two columns.",
        header_known=lambda header: sorted(header[-2:], reverse=True) == STATUS_COLUMNS,
    ),
    _recognised(
        "status_columns_may_stand_anywhere",
        "A header that has the two columns anywhere gets no others.",
        header_known=lambda header: {*STATUS_COLUMNS} <= {*header},
    ),
    _recognised(
        "status_alone_is_enough",
        "A header that ends with status counts as one with the two columns.",
        header_known=lambda header: header[-1] == "status" or ends_with_both(header),
    ),
    _recognised(
        "response_alone_is_enough",
        "A header that ends with response counts as one with the two columns.",
        header_known=lambda header: header[-1] == "response",
    ),
    _recognised(
        "old_pairs_are_all_dropped",
        "A row loses four cells where its header has the two columns twice.",
        header_known=lambda header: [*header[-4:]] == STATUS_COLUMNS * 2,
        cells=4,
    ),
)
