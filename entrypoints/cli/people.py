"""What `daler users` and `daler admin` do in the open house."""

import asyncio
import signal
import sys
from getpass import getpass
from typing import Final
from uuid import UUID

from rich.console import Console
from rich.table import Table

from application.identity.ports import Directory
from application.identity.staff.ban_person import BanPerson, BanPersonCommand
from application.identity.staff.create_admin import CreateAdmin, CreateAdminCommand
from application.identity.staff.grant_role import GrantRole, GrantRoleCommand
from application.identity.staff.list_people import ListPeople, ListPeopleQuery
from application.identity.staff.lock_person import LockPerson, LockPersonCommand
from application.identity.staff.person_for_staff import PersonForStaff
from application.identity.staff.ports import PeopleFilter
from application.identity.staff.sessions_for_staff import (
    EndSessionsOfPerson,
    EndSessionsOfPersonCommand,
    ShowSessionsOfPerson,
    ShowSessionsOfPersonQuery,
)
from application.identity.staff.show_person import ShowPerson, ShowPersonQuery
from application.identity.staff.staff import CommandLine
from application.identity.staff.unban_person import UnbanPerson, UnbanPersonCommand
from application.identity.staff.unlock_person import UnlockPerson, UnlockPersonCommand
from domain.identity.email import EmailAddress
from domain.identity.errors_staff import EmailUnknownError
from domain.identity.person import PersonStatus
from domain.identity.reason import Reason
from domain.identity.roles import Role
from domain.shared.ids import UserId
from domain.shared.secret import Secret
from entrypoints.cli.administration import WIDE
from entrypoints.cli.say import complain, say
from entrypoints.composition.house import House

BY: Final = CommandLine()
SECOND_FACTOR: Final = (
    "They act as staff in every session that has shown two factors, the one in which they set the"
    " second one up included."
)


async def list_people(
    house: House,
    stop: asyncio.Event,
    *,
    query: str | None,
    status: str | None,
    role: str | None,
    limit: int,
) -> int:
    if query is not None:
        return await show(house, stop, who=query)
    wanted = PeopleFilter(
        None if status is None else PersonStatus(status), None if role is None else Role(role)
    )
    people = await house.container.get(ListPeople)
    found = await people(ListPeopleQuery(BY, wanted, None, limit))
    if not found:
        say("Nobody.")
        return 0
    table = _table("id", "status", "role", "since")
    for one in found[:limit]:
        table.add_row(str(one.id), one.status, one.role, f"{one.created_at:%Y-%m-%d}")
    _print(table)
    if len(found) > limit:
        complain(f"there are more; --limit {2 * limit} shows more of them")
    return 0


async def show(house: House, stop: asyncio.Event, *, who: str) -> int:
    del stop
    show = await house.container.get(ShowPerson)
    shown = await show(ShowPersonQuery(BY, await _named(house, who)))
    for name, value in (
        ("id", shown.id),
        ("name", shown.name),
        ("e-mail", shown.email or "none"),
        ("status", shown.status),
        ("role", shown.role),
        ("language", shown.locale),
        ("since", f"{shown.created_at:%Y-%m-%d %H:%M} UTC"),
    ):
        say(f"{name + ':':10} {value}")
    return 0


async def ban(house: House, stop: asyncio.Event, *, who: str, why: str) -> int:
    del stop
    ban = await house.container.get(BanPerson)
    return _tell(await ban(BanPersonCommand(BY, await _named(house, who), Reason(why))))


async def unban(house: House, stop: asyncio.Event, *, who: str) -> int:
    del stop
    unban = await house.container.get(UnbanPerson)
    return _tell(await unban(UnbanPersonCommand(BY, await _named(house, who))))


async def lock(house: House, stop: asyncio.Event, *, who: str, why: str) -> int:
    del stop
    lock = await house.container.get(LockPerson)
    return _tell(await lock(LockPersonCommand(BY, await _named(house, who), Reason(why))))


async def unlock(house: House, stop: asyncio.Event, *, who: str) -> int:
    del stop
    unlock = await house.container.get(UnlockPerson)
    return _tell(await unlock(UnlockPersonCommand(BY, await _named(house, who))))


async def sessions(house: House, stop: asyncio.Event, *, who: str, end: bool) -> int:
    del stop
    user_id = await _named(house, who)
    if end:
        end_all = await house.container.get(EndSessionsOfPerson)
        done = await end_all(EndSessionsOfPersonCommand(BY, user_id))
        say(f"{done.ended} sessions and keys ended.")
        return 0
    show = await house.container.get(ShowSessionsOfPerson)
    living = await show(ShowSessionsOfPersonQuery(BY, user_id))
    if not living:
        say("Signed in nowhere.")
        return 0
    table = _table("id", "kind", "proved by", "device", "address", "last used")
    for one in living:
        table.add_row(
            str(one.id),
            one.kind,
            " + ".join(one.methods),
            one.device,
            one.address or "",
            f"{one.last_used_at:%Y-%m-%d %H:%M}",
        )
    _print(table)
    return 0


async def create_admin(house: House, stop: asyncio.Event, *, email: str, called: str | None) -> int:
    directory = await house.container.get(Directory)
    known: UserId | None = await directory.owner_of_email(EmailAddress.parse(email))
    if known is not None:
        return await grant(house, stop, who=str(known), role=Role.ADMIN)
    if not house.settings.bankid.rules.passwords:
        complain("passwords are switched off: let them come in by BankID, then 'daler admin grant'")
        return 1
    if called is None:
        complain("nobody has this address yet: say what to call them, with --name")
        return 1
    password = _asked_password()
    if password is None:
        complain("the two are not the same; nothing was done")
        return 1
    create = await house.container.get(CreateAdmin)
    user_id = await create(CreateAdminCommand(BY, called, email, password))
    say(f"Made administrator {user_id}.")
    say(SECOND_FACTOR)
    return 0


async def grant(house: House, stop: asyncio.Event, *, who: str, role: str) -> int:
    del stop
    grant = await house.container.get(GrantRole)
    granted = await grant(GrantRoleCommand(BY, await _named(house, who), Role(role)))
    say(f"{granted.id}: {granted.role}.")
    if granted.role is not Role.USER:
        say(SECOND_FACTOR)
    return 0


async def _named(house: House, who: str) -> UserId:
    """Raises InvalidFieldsError, EmailUnknownError; whether an id is somebody's shows later."""
    if "@" not in who:
        try:
            return UserId(UUID(who))
        except ValueError:
            pass
    directory = await house.container.get(Directory)
    found: UserId | None = await directory.owner_of_email(EmailAddress.parse(who))
    if found is None:
        raise EmailUnknownError
    return found


def _asked_password() -> Secret | None:
    """Typed twice, unseen; or the first line of what is piped in. None: the two differ."""
    if not sys.stdin.isatty():
        return Secret(sys.stdin.readline().rstrip("\r\n"))
    # Nothing else runs here that could be kept waiting, and Ctrl-C is to end the asking.
    asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)
    first = getpass("Their password: ")
    return Secret(first) if getpass("Once more: ") == first else None


def _tell(person: PersonForStaff) -> int:
    say(f"{person.id}: {person.status}.")
    return 0


def _table(*headings: str) -> Table:
    table = Table()
    for heading in headings:
        table.add_column(heading, no_wrap=True)
    return table


def _print(table: Table) -> None:
    # Ids are there to be copied: better a wide line than half an id.
    Console(width=max(WIDE, Console().width)).print(table)
