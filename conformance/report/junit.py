"""The cases as JUnit XML, which build servers read."""

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping

from conformance.verdict.case import Case
from conformance.verdict.description import visible
from conformance.verdict.verdict import Counterexample, Verdict, blame
from refmodel.catalogue import CATALOGUE


def junit(verdict: Verdict) -> bytes:
    """A test case for each case, and one for each fault outside of all cases."""
    blamed = blame(verdict.counterexamples)
    elements = [testcase(case, blamed) for case in verdict.cases]
    elements += [outside(number, text) for number, text in enumerate(verdict.suite_faults, start=1)]
    counts = counted(elements)
    suites = element("testsuites", name="conformance", **counts)
    suite = ET.SubElement(suites, "testsuite", {"name": "conformance", **counts})
    suite.append(properties(verdict))
    suite.extend(elements)
    ET.indent(suites)
    return bytes(ET.tostring(suites, encoding="utf-8", xml_declaration=True)) + b"\n"


def counted(elements: Iterable[ET.Element]) -> dict[str, str]:
    """How many test cases there are, and what became of them."""
    found = list(elements)
    kinds = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    counts = {name: sum(each.find(kind) is not None for each in found) for name, kind in kinds.items()}
    return {"tests": str(len(found))} | {name: str(count) for name, count in counts.items()}


def element(tag: str, text: str = "", **attributes: object) -> ET.Element:
    """An element whose texts XML can hold: what does not print is escaped."""
    made = ET.Element(tag, {name: visible(str(value)) for name, value in attributes.items()})
    made.text = visible(text) or None
    return made


def properties(verdict: Verdict) -> ET.Element:
    """Facts about the run as a whole."""
    named = {name: verdict.importer.get(name) for name in ("target", "name", "version", "language")}
    facts = [("verdict", verdict.word), *((f"importer.{name}", value) for name, value in named.items() if value)]
    facts += [
        ("behaves like", f"{like.name}: {verdict.diagnosis.describe(like)}") for like in verdict.diagnosis.matches
    ]
    facts += [("fit", verdict.diagnosis.fit)] if verdict.diagnosis.fit else []
    found = element("properties")
    found.extend(element("property", name=name, value=value) for name, value in facts)
    return found


def testcase(case: Case, blamed: Mapping[str, Counterexample]) -> ET.Element:
    """One case, and why it did not pass."""
    made = element("testcase", classname=case.rules[0] if case.rules else "search", name=case.id)
    made.extend(shortcomings(case, blamed))
    return made


def shortcomings(case: Case, blamed: Mapping[str, Counterexample]) -> Iterable[ET.Element]:
    """A difference, also a flaky one, is a failure; a fault is an error; a case that is not applicable is skipped."""
    match case.status:
        case "differs":
            example = blamed[case.id]
            message = f"{example.rule}: {CATALOGUE[example.rule].statement}"
            yield element("failure", case.text, message=message, type=example.severity)
        case "flaky":
            yield element("failure", case.text, message="flaky: it differed once, and not again", type="flaky")
        case "fault":
            yield element("error", case.text, message=first_line(case.text), type="fault")
        case "not_applicable":
            yield element("skipped", message=f"not applicable: {case.text}")


def outside(number: int, text: str) -> ET.Element:
    """A fault that belongs to no case."""
    made = element("testcase", classname="suite", name=f"fault-{number}")
    made.append(element("error", text, message=first_line(text), type="fault"))
    return made


def first_line(text: str) -> str:
    """The first line of a text that is not blank."""
    return next((line for line in text.splitlines() if line.strip()), "")
