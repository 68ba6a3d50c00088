"""`daler matcher replay`: what an administrator runs once the matcher has become better."""

from typing import Annotated, Final
from uuid import UUID

from cyclopts import App, Parameter

from entrypoints.cli.process import run_command

matcher: Final = App(name="matcher", help="Look after what makes entries of what banks say.")


@matcher.command
def replay(
    *,
    connection: Annotated[UUID, Parameter(help="The id of the bank connection.")],
    email: Annotated[str | None, Parameter(help="Whose it is, if disconnected.")] = None,
    dry_run: Annotated[bool, Parameter(help="Only say what would change.")] = False,
) -> int:
    """Understand again everything a bank was kept saying, with the present matcher.

    Entries keep their ids, and whatever the person said stays. Syncs meanwhile wait and go on.
    """
    return run_command("matcher-replay", connection=connection, email=email, dry_run=dry_run)
