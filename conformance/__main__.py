"""`python -m conformance`: the suite's other tools, for recordings, adapters and readings."""

from typing import NoReturn

from refmodel.cli.starting import start

NEEDED = ("hypothesis", "jinja2", "markdown_it", "pytest", "rich", "typer")


def main() -> NoReturn:
    """Do what the arguments say, and exit with the status that the help explains."""
    hint = "conformance: {name} is missing: pip install 'refmodel[conformance]'"
    start("conformance.cli.app", "python -m conformance", NEEDED, hint)


if __name__ == "__main__":
    main()
