"""The reports of a run: for programs, for a build server, and for people, all in one folder.

    report.json                          the verdict, as report.schema.json describes it
    report.html                          the same as one page that needs nothing else
    junit.xml                            the cases, for a build server
    badge.json                           an endpoint for shields.io
    counterexamples/RULE.jsonl           the trace that shows a rule broken
    counterexamples/RULE/README.md       the same in words
    counterexamples/RULE/step-N.csv      its files, byte by byte

No file says when it was made, so that two reports can be compared.
"""

from conformance.report.writing import check_writable, write

__all__ = ["check_writable", "write"]
