"""Races as cases, described for people: who sent what and when, the responses, and why no order explains them."""

from collections.abc import Iterator, Mapping, Sequence

from attrs import evolve

from conformance.attribution.attribution import Attribution, bears_on
from conformance.attribution.divergence import without_rule
from conformance.attribution.replay import RuleReplay
from conformance.oracle.judge import as_text, judgements, own_answers, places_of
from conformance.protocol.responses import Response
from conformance.protocol.trace import Exchange, Times, Trace, trace_of
from conformance.search.concurrency.races import Run
from conformance.search.concurrency.serial import Call, Order, orders
from conformance.verdict.case import Case, firmest_first
from conformance.verdict.description import describe_request, shortened
from refmodel.catalogue import CATALOGUE

WIDTH = 32  # characters for the time that a race took
SHOWN = 6  # orders
LONGEST = 300  # characters of a response
SERIAL = "rows_run_in_order"  # where no rule decides what differs: it says that one thing comes after the other
TITLE = "Concurrency: no serial order explains the responses"
NEVER_AGAIN = (
    "Flaky: run many more times with fresh clients, the race did not show this again. No rule is accused by it."
)
Names = Mapping[int, str]  # id of a call → its letter


def describe(ran: Run) -> str:
    """A race that no order explains, call by call."""
    return "\n".join(_lines(ran))


def _lines(ran: Run) -> Iterator[str]:
    names = {id(call): letter for call, letter in zip(ran.calls, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
    yield f"{TITLE} of {len(ran.calls)} calls by {len(ran.race.clients)} clients."
    yield "What led up to it:"
    for number, step in enumerate(ran.race.before.steps, start=1):
        yield f"  {number}. {_indented(describe_request(step.request()))}"
    yield "The calls, each with the time that it was under way:"
    for call, bar in zip(ran.calls, bars(ran.calls)):
        request = _indented(describe_request(call.exchange.request))
        yield f"  {names[id(call)]} |{bar}| client {call.client + 1}: {request}"
        yield f"    answered {shortened(answered(call.exchange.response), LONGEST)}"
    if ran.observation:
        yield from _orders(ran, ran.observation, names)


def _orders(ran: Run, observation: Exchange, names: Names) -> Iterator[str]:
    yield "Every order that their times allow, and where the model answers otherwise:"
    tried = list(orders(ran.known, ran.calls, observation))
    for order in tried[:SHOWN]:
        yield f"  {' then '.join(names[id(call)] for call in order.calls)}: {where(order)}"
    if len(tried) > SHOWN:
        yield f"  … and {len(tried) - SHOWN} more orders, none of which the model agrees with"


def where(order: Order) -> str:
    """The first response in an order that the model would not give."""
    last = order.judged[-1]
    place = "what can be observed then" if len(order.judged) > len(order.calls) else "the answer to the last one"
    return f"{place} differs: {'; '.join(shortened(str(difference), 160) for difference in last.differences[:3])}"


def bars(calls: Sequence[Call]) -> Iterator[str]:
    """Each call as a bar in the time that all of them took together."""
    begun, ended = min(call.begun for call in calls), max(call.ended for call in calls)
    scale = (WIDTH - 1) / max(ended - begun, 1e-9)
    for call in calls:
        start, stop = round((call.begun - begun) * scale), round((call.ended - begun) * scale)
        yield f"{' ' * start}{'=' * (stop - start + 1)}".ljust(WIDTH)


def _indented(text: str) -> str:
    return text.replace("\n", "\n    ")


def answered(response: Response) -> str:
    """A response in words: the outcome of each row, or whether an action was done."""
    report = response.get("report")
    if report is None:
        return as_text({name: value for name, value in response.items() if value is not None})
    if report.get("refused") is not None:
        return f"refused: {report['refused']}"
    return ", ".join(_row(row) for row in report["rows"]) or "no row"


def _row(row: Response) -> str:
    failed = row["outcome"] == "failed"
    return f"row {row['row']} {row['outcome']}{': ' + as_text(row['response'].get('errors')) if failed else ''}"


# The case.


def race_case(ran: Run, name: str) -> Case:
    """A race that no order explains, as a case about the rules that decide where the nearest order differs."""
    rules = tuple(firmest_first(rules_at_stake(ran))) or (SERIAL,)
    return Case(
        name,
        rules[:1],
        "differs",
        attribution=Attribution(relevant_rules=rules),
        details=describe(ran),
        trace=trace_of_race(ran, rules[:1]),
        kind="race",
    )


def flaky_race(ran: Run, name: str) -> Case:
    """A race that was lost once and never again in many runs: something else may have caused it."""
    text = f"{NEVER_AGAIN}\n{describe(ran)}"
    return Case(name, (), "flaky", details=text, trace=trace_of_race(ran, ()), kind="race")


def rules_at_stake(ran: Run) -> list[str]:
    """The rules that decide about what differs in the order with which the model agrees longest."""
    order = ran.order.calls
    rest = [call for call in ran.calls if all(call is not other for other in order)]
    exchanges = [call.exchange for call in (*order, *rest)] + ([ran.observation] if ran.observation else [])
    places = places_of(judgements(exchanges, ran.known))
    answers = own_answers([exchange.request for exchange in exchanges], ran.known)
    own = RuleReplay.of(answers, ran.known, map(without_rule, CATALOGUE))
    return [name for name in CATALOGUE if bears_on(name, places, own)]


def trace_of_race(ran: Run, rules: Sequence[str]) -> Trace:
    """The race as a trace: what led up to it, and the calls as they ended, each with its client and its time."""
    start = min(call.begun for call in ran.calls)
    calls = [evolve(call.exchange, times=times_of(call, start)) for call in ran.calls]
    return trace_of(TITLE, rules, (*ran.led_up, *calls, *([ran.observation] if ran.observation else [])))


def times_of(call: Call, start: float) -> Times:
    """When a call began and ended, counted from the beginning of the race."""
    return Times(call.client + 1, _ms(call.begun - start), _ms(call.ended - start))


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
