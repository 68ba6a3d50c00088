"""`daler users` and `daler admin`: what is asked at the terminal; `people.py` does it."""

from typing import Annotated, Final, Literal

from cyclopts import App, Parameter

from entrypoints.cli.process import run_command

users: Final = App(name="users", help="Look after people.")
admin: Final = App(name="admin", help="Say who works here.")

Who = Annotated[str, Parameter(help="An e-mail address, or an id.")]
Why = Annotated[
    Literal[
        "suspected_fraud",
        "account_at_risk",
        "terms_broken",
        "legal_order",
        "asked_by_person",
        "other",
    ],
    Parameter(help="Stands in their audit trail."),
]


@users.command(name="list")
def list_people(
    *,
    query: Annotated[str | None, Parameter(help="The whole e-mail address, or the id.")] = None,
    status: Literal["active", "locked", "banned", "deleted"] | None = None,
    role: Literal["user", "support", "compliance", "admin"] | None = None,
    limit: int = 50,
) -> int:
    """The newest people, or the one that you look for."""
    return run_command("users-list", query=query, status=status, role=role, limit=limit)


@users.command
def show(who: Who, /) -> int:
    """One person."""
    return run_command("users-show", who=who)


@users.command
def ban(who: Who, /, *, why: Why = "other") -> int:
    """Keep somebody out. Their sessions and API keys end at once and for good."""
    return run_command("users-ban", who=who, why=why)


@users.command
def unban(who: Who, /) -> int:
    """Let somebody sign in again."""
    return run_command("users-unban", who=who)


@users.command
def lock(who: Who, /, *, why: Why = "other") -> int:
    """Close an account for the time being. Its sessions and API keys end at once."""
    return run_command("users-lock", who=who, why=why)


@users.command
def unlock(who: Who, /) -> int:
    """Open a locked account, and forgive failed sign-ins."""
    return run_command("users-unlock", who=who)


@users.command
def sessions(
    who: Who,
    /,
    *,
    end: Annotated[bool, Parameter(help="Sign them out everywhere.", negative="")] = False,
) -> int:
    """Where somebody is signed in, and which API keys live."""
    return run_command("users-sessions", who=who, end=end)


@admin.command
def create(
    *,
    email: str,
    name: Annotated[str | None, Parameter(help="What to call them, if they are new.")] = None,
) -> int:
    """Make an administrator: a new person, whose password you are asked for, or one who is here.

    Without a terminal the password is read from the first line of the input.
    """
    return run_command("admin-create", email=email, called=name)


@admin.command
def grant(who: Who, /, *, role: Literal["support", "compliance", "admin"] = "admin") -> int:
    """Give somebody who is here a role."""
    return run_command("admin-grant", who=who, role=role)


@admin.command
def revoke(who: Who, /) -> int:
    """Take their role away. The last administrator stays one."""
    return run_command("admin-grant", who=who, role="user")
