"""The commands of `refmodel`, their options and their help."""

from pathlib import Path
from typing import Annotated, Any

import typer

from refmodel.cli import applying, doing, further, outcomes, rulebook, worlds
from refmodel.cli.group import ALWAYS, SETTINGS, Group, Version
from refmodel.cli.options import (
    AsJson,
    ChangeSensitiveFields,
    DateFormats,
    DatesWritten,
    FailedRows,
    Force,
    InstitutionName,
    Manual,
    State,
    job_of,
)
from refmodel.cli.state_file import FileError
from refmodel.cli.streams import after
from refmodel.cli.terminal import as_json, complain, visible
from refmodel.cli.usage import UsageError
from refmodel.columns import COLUMNS


class Commands(Group):
    """All commands, also those installed beside; what goes wrong is said in one line, and is an exit status."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of all commands."""
        own = super().list_commands(ctx)
        return [*own, *(name for name in further.names() if name not in own)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of a name; its own one before one that is installed beside."""
        return super().get_command(ctx, cmd_name) or further.command(cmd_name)

    def invoke(self, ctx: Any) -> None:
        """Do a command."""
        try:
            super().invoke(ctx)
        except (FileError, UsageError) as error:
            complain(visible(str(error)))
            raise typer.Exit(2) from None


EXITS = f"""\b
Exit status: 0 done; 1 the action was refused (do); 2 usage error, or a file
that cannot be read or written, or that was refused, and nothing was changed.

{ALWAYS}"""

app = typer.Typer(
    cls=Commands,
    **SETTINGS,
    help="Try student files on a saved world, and see what an importer must make of them and why.",
    epilog=EXITS,
)


@app.callback()
def options(version: Version = False) -> None:
    """The options of no command."""


JSON_OF_A_FILE = """\b
Keys of --json:
  command, file, state, institution, mode, change_sensitive_fields,
                date_format: what was asked for
  saved         whether the state was written
  refused       null, or {rule, text} where the file was refused whole
  counts        {created, updated, unchanged, failed}
  failed        of each failed row: row, email_address, username, problems, response;
                of each problem: rule, column (or null), value (or null),
                text, what_to_do
  unwritten     null, or why --failed could not be written
  students      {archived, brought_back, email_changed, username_changed,
                labels_lost, approved, connected}, each {count, rows}: how
                many, and the numbers of all these rows
  columns       header: {of_new_students, set, changed, cleared}
  warnings      texts
  advice        of each piece: advice, statement, what_to_do, source, count,
                rows"""

EXITS_OF_A_FILE = f"""\b
Exit status: 0 the file was read, also if rows of it failed; 2 usage error, or a
file that cannot be read or written, or the file was refused whole, and
nothing was changed.

{ALWAYS}"""


def report(applied: applying.Applied, json_wanted: bool) -> None:
    """Show what became of a file; exit status 2 where it was refused, or the failed rows could not be written."""
    with after(applied.in_short):
        if json_wanted:
            as_json(outcomes.as_data(applied))
        applying.exit_where_refused(applied)
        if not json_wanted:
            outcomes.show(applied)
    applying.exit_where_unwritten(applied)


Students = Annotated[Path, typer.Argument(metavar="FILE", help="The students, as CSV in UTF-8.")]


def command_for_files(name: str, help_text: str) -> None:
    """Add a command that takes a file under a job: to import it, or to preview it."""

    @app.command(name, help=help_text, epilog=f"{JSON_OF_A_FILE}\n\n{EXITS_OF_A_FILE}")
    def command(
        file: Students,
        state: State,
        institution: InstitutionName,
        manual: Manual = False,
        change_sensitive_fields: ChangeSensitiveFields = False,
        date_format: DatesWritten = DateFormats.ISO,
        failed: FailedRows = None,
        force: Force = False,
        json_wanted: AsJson = False,
    ) -> None:
        job = job_of(institution, manual, change_sensitive_fields, date_format)
        order = applying.Order(file, state, job, failed, name == "preview", force)
        report(applying.apply(order), json_wanted)


command_for_files(
    "import",
    """Apply a file to a saved world, and show what became of it.

    Each failed row is shown with what is wrong, the rule that says so, and what to do. The state is
    written whole or not at all, after the failed rows.
    """,
)
command_for_files(
    "preview",
    """Show what importing a file would do, without doing it.

    How many students would be created, updated, archived and so on, and column by column how many
    values would be set, changed and cleared. The state is not touched; only --failed writes a file.
    """,
)


@app.command(
    epilog="\b\nExample: refmodel new state.json --institution north \\\n"
    "           --domain north:north.edu --campus north:Main \\\n"
    "           --staff north:advisor@north.edu --employer hr@employer.example\n\n"
    f"{EXITS}"
)
def new(
    state: Annotated[Path, typer.Argument(metavar="STATE.json", help="Where to save the world.")],
    institution: Annotated[list[str], typer.Option(metavar="ID", help="An institution.")] = [],  # noqa: B006
    domain: Annotated[list[str], typer.Option(metavar="ID:DOMAIN", help="An e-mail domain of an institution.")] = [],  # noqa: B006
    campus: Annotated[list[str], typer.Option(metavar="ID:CAMPUS", help="A campus of an institution.")] = [],  # noqa: B006
    staff: Annotated[list[str], typer.Option(metavar="ID:EMAIL", help="The address of a member of its staff.")] = [],  # noqa: B006
    sso: Annotated[list[str], typer.Option(metavar="ID", help="An institution that uses single sign-on.")] = [],  # noqa: B006
    vocabulary: Annotated[
        list[str], typer.Option(metavar="ID:eu|us", help="Which value lists it uses: eu (the default) or us.")
    ] = [],  # noqa: B006
    employer: Annotated[list[str], typer.Option(metavar="EMAIL", help="The address of an employer.")] = [],  # noqa: B006
    beginning: Annotated[
        Path | None,
        typer.Option("--from", metavar="WORLD.json", help='Read {"institutions":[…],"employers":[…]} instead.'),
    ] = None,
    force: Force = False,
) -> None:
    """Create a state file: a world with institutions and without students.

    Every option that describes an institution may be repeated.
    """
    described = worlds.Described(institution, domain, campus, staff, sso, vocabulary, employer)
    worlds.create_state(state, beginning, worlds.described_world(described), force)


@app.command(
    epilog=f"""\b
Keys of --json:
  institutions  of each: id, domains, uses_sso, campuses, vocabulary, staff
  employers     addresses
  students      of each: the {len(COLUMNS)} columns by header, institution, pending_at, declined_by,
                excluded_from_sync, requested_email\n\n{EXITS}"""
)
def show(
    state: State,
    institution: Annotated[
        str | None, typer.Option(metavar="ID", help="Only this institution, and the students at home there.")
    ] = None,
    email: Annotated[str | None, typer.Option(metavar="EMAIL", help="Only this student, in full.")] = None,
    json_wanted: AsJson = False,
) -> None:
    """Show a saved world: its institutions and its students."""
    worlds.show(state, institution, email, json_wanted)


@app.command(epilog=EXITS)
def export(
    state: State,
    institution: InstitutionName,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write there instead of to standard output.")
    ] = None,
    force: Force = False,
) -> None:
    """Write an institution's students as a file to import again."""
    worlds.export_students(state, institution, output, force)


@app.command(
    epilog=f"""\b
Keys of --json, a list: rule, statement, details, source, basis (stated,
inferred or chosen), basis_in_full, phase, what_to_do\n\n{EXITS}"""
)
def rules(
    json_wanted: AsJson = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print a table in Markdown.")] = False,
) -> None:
    """List all rules.

    What each says, which article says so (article:line), and how firmly.
    """
    rulebook.list_rules(json_wanted, markdown)


@app.command(
    epilog=f"""\b
Keys of --json:
  text, taken_for: what was asked, and what it was taken for
  remark        how the articles word it, where it is a text of the platform's own
  rules         of each: the keys of `refmodel rules --json`, and example:
                institutions, employers, before (what happened first), then,
                outcome, without_the_rule; of each happening: command, file;
                of each outcome: answers, changes\n\n{EXITS}"""
)
def explain(
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help="A rule, a column, an error, or a whole response in quotes.")
    ],
    json_wanted: AsJson = False,
) -> None:
    """Explain a rule or an error, with an example.

    What may be the cause, which article says so, what to do, and an example that is run on the spot.
    """
    rulebook.explain_text(text, json_wanted)


app.add_typer(
    doing.subcommands(),
    name="do",
    help="Do what students, staff and support do besides importing.",
    epilog="\b\nKeys of --json: done, refused (null or why), access (of sign-in: true or\n"
    "false), changes (texts)\n\n" + EXITS,
)
