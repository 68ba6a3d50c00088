"""The command line: `daler`."""

import sys
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

from cyclopts import App, Parameter

from entrypoints.cli.matcher import matcher
from entrypoints.cli.process import run_command
from entrypoints.cli.secrets_commands import secrets
from entrypoints.cli.staff import admin, users
from entrypoints.cli.version import installed_version

app = App(
    name="daler",
    help="Every bank a person has, in one ledger they can trust.",
    version=installed_version(),
)
jobs = App(name="jobs", help="Look after background work.")
audit = App(name="audit", help="Look after the audit trail.")
app.command(jobs)
app.command(audit)
app.command(users)
app.command(admin)
app.command(secrets)
app.command(matcher)


@app.command
def run() -> int:
    """Start everything in one process; the first time, with a demo person and their banks."""
    return run_command("run")


@app.command
def demo() -> int:
    """Do what `run` does at its first start, show the result, and end."""
    return run_command("demo")


@app.command
def serve() -> int:
    """Answer HTTP requests."""
    return run_command("serve")


@app.command
def worker() -> int:
    """Run background jobs."""
    return run_command("worker")


@app.command
def scheduler() -> int:
    """Enqueue what is due by the clock."""
    return run_command("scheduler")


@app.command
def migrate() -> int:
    """Bring the database's schema up to date."""
    return run_command("migrate")


@app.command(name="import")
def import_file(
    file: Path,
    /,
    *,
    email: Annotated[str | None, Parameter(help="Whose ledger (the demo person's).")] = None,
    account: Annotated[str | None, Parameter(help="A name, for files that name none.")] = None,
    currency: Annotated[str | None, Parameter(help="For files that name none.")] = None,
    dry_run: Annotated[bool, Parameter(help="Only say what would happen.")] = False,
) -> int:
    """Import a bank statement: CSV, CAMT.053 or MT940."""
    return run_command(
        "import",
        file=file,
        email=email,
        account=account,
        currency=currency,
        dry_run=dry_run,
    )


@app.command
def mail(
    *,
    last: Annotated[int, Parameter(help="How many of the newest.")] = 5,
    token: Annotated[bool, Parameter(help="Only the newest token, to send on.")] = False,
) -> int:
    """Show the mails that were written to people, where there is no mail server."""
    return run_command("mail", last=last, token=token)


@jobs.command(name="list")
def list_jobs(
    *,
    state: Literal["ready", "leased", "done", "dead"] | None = None,
    limit: int = 50,
) -> int:
    """The newest jobs."""
    return run_command("jobs-list", state=state, limit=limit)


@jobs.command
def dead(*, limit: int = 50) -> int:
    """Jobs that were given up; `requeue` gives them another chance."""
    return run_command("jobs-list", state="dead", limit=limit)


@jobs.command
def requeue(job_id: UUID, /) -> int:
    """Give a dead job a fresh set of attempts."""
    return run_command("jobs-requeue", job_id=job_id)


@audit.command
def verify() -> int:
    """Check every person's audit trail; names the first entry that does not hold."""
    return run_command("audit-verify")


def main() -> None:
    sys.exit(app())
