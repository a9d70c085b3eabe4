"""Checking an importer case by case: an example played, or a search made, and what came of it."""

from collections.abc import Sequence

from attrs import evolve

from conformance.judge import Exchange, Grounds, Judgement, Known, grounds_of, own_answers, telling
from conformance.laws import breaches
from conformance.playing import Importer, play
from conformance.scenarios import Example, narrowed
from conformance.search import Found
from conformance.telling import told
from conformance.traces import trace_of
from conformance.verdicts import Case


def checked(example: Example, importer: Importer, known: Known) -> Case:
    """What comes of an example. Fault where the importer does not answer as the protocol wants."""
    missing = example.operations - importer.supports
    if missing:
        text = f"the importer does not claim {', '.join(sorted(missing))}"
        return Case(example.id, example.rules, "not applicable", text=text)
    whole, example = example, narrowed(example, importer.columns)
    played = play(importer, example.requests, known)
    case = Case(
        example.id, example.rules, "passed", telling(example.rules, own_answers(example.requests, known), known)
    )
    if played.differs:
        grounds = grounds_of(played.exchanges, known)
        title = f"{example.heading} ({example.page}.md, line {example.line})"
        return differing(case, title, played.exchanges, played.judgements, grounds)
    if not case.reached and example != whole:
        text = "without the columns that the importer does not store it shows nothing"
        return evolve(case, status="not applicable", text=text)
    return case


def found_case(found: Found, name: str) -> Case:
    """A difference that the search has found, as a case of its own."""
    lawless = tuple(breach.rule for breach in breaches(found.exchanges))
    rules = (*found.grounds.rules, *lawless, "values_replace")
    case = Case(name, rules[:1], "differs")
    title = f"Found by the search: {len(found.history.steps)} step(s)"
    if not found.steady:
        title += "; flaky: asked again, the importer answered otherwise"
    return differing(case, title, found.exchanges, found.judgements, found.grounds)


def differing(
    case: Case, title: str, exchanges: Sequence[Exchange], judged: Sequence[Judgement], grounds: Grounds
) -> Case:
    """A case that differs: what accounts for it, the story, and the trace that shows it."""
    case = evolve(case, status="differs", exact=grounds.exact, bearing=grounds.bearing, like=grounds.like)
    text = told(title, exchanges, judged, case)
    return evolve(case, text=text, trace=tuple(trace_of(title, case.suspects[:1], exchanges).lines()))
