"""The report as one HTML page that loads nothing, and in which only its own filter runs."""

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup, escape

from conformance.report.counterexample_view import CounterexampleView
from conformance.report.json_report import Report
from conformance.report.terminal import MEANING, ORDER
from conformance.verdict.description import visible
from conformance.verdict.verdict import Verdict
from refmodel.catalogue import CATALOGUE, PHASES
from refmodel.wording import in_words


def page(verdict: Verdict, report: Report, views: Sequence[CounterexampleView]) -> str:
    """The whole page."""
    style, script = resource("report.css"), resource("report.js")
    return template().render(
        report=report,
        meaning=MEANING[verdict.word][1],
        views=views,
        diagnosis=verdict.diagnosis,
        entries=CATALOGUE.values(),
        statuses=ORDER,
        phases=list(PHASES),
        shown_rules={view.example.rule for view in views},
        counts=Counter(verdict.rules.values()),
        style=Markup(style),
        script=Markup(script),
        policy=policy(style, script),
    )


@cache
def template() -> Template:
    """The template; all values are escaped, and everything in them is visible."""
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["prose"] = prose
    environment.filters["in_words"] = in_words
    return environment.from_string(resource("report.html.j2"))


def resource(name: str) -> str:
    """A file that comes with this package."""
    return files("conformance.report").joinpath("templates", name).read_text("utf-8")


def shown(value: object) -> object:
    """A value to fill in, with everything that does not print escaped."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def prose(text: str) -> Markup:
    """A text of ours, with what is between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(visible(text)))))


def policy(style: str, script: str) -> str:
    """What a browser may load and run: this style and this script, and nothing from anywhere."""
    return f"default-src 'none'; style-src '{digest(style)}'; script-src '{digest(script)}'; base-uri 'none'"


def digest(text: str) -> str:
    """The hash by which a policy knows a style or a script."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}"
