"""`daler secrets backup` and what follows `restore`, in an open house."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from application.audit.verify_trail import VerifyTrail
from application.secrets.check_keys import CheckKeys
from application.secrets.record_act import HouseAct, RecordAct
from domain.shared.secret import Secret
from entrypoints.cli.say import complain, say
from entrypoints.cli.secrets import tell
from entrypoints.cli.version import installed_version
from entrypoints.composition.backups import HOME_KIND, back_up, kind_of
from entrypoints.composition.house import House
from entrypoints.composition.restores import CANNOT_RESTORE

AS_OF_THE_BACKUP: Final = """\
Everybody is signed out, and every API key, mailed link and unfinished sign-in is void: some of them
may have ended after the backup was made. All else is as of the backup. So look after what was done
since: bans, locks and roles taken away are to be done again, passwords and addresses that were
changed are the former ones, passkeys, authenticator apps and bank links that were removed are back,
and recovery codes that were used can be used once more, unless new ones are made."""


async def backup(house: House, stop: asyncio.Event, *, file: Path, passphrase: Secret) -> int:
    del stop
    settings = house.settings
    record = await house.container.get(RecordAct)
    await record(HouseAct.BACKED_UP, {"kind": kind_of(settings)})
    made = {"version": installed_version(), "made_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}
    try:
        done = await back_up(settings, made, file, passphrase)
    except CANNOT_RESTORE as error:
        complain(str(error))
        return 1
    say(f"{file} holds, encrypted ({done.size:,} bytes):")
    if done.kind == HOME_KIND:
        say("  the secrets and settings of .env, the database, the demo login, the sandbox bank")
        say("and not: logs, mails, and what you set in the environment, but for the five secrets.")
    else:
        say("  the five secrets of this server")
        say("and not: its database, which its own tools back up (pg_dump as a superuser), and its")
        say("other settings. Neither is worth anything without the other: keep both, apart.")
    say("Without the passphrase nobody can read it, you neither.")
    return 0


async def restored(house: House, stop: asyncio.Event) -> int:
    """The first thing in a restored house: it opens, its trail is whole, and its keys fit."""
    del stop
    await (await house.container.get(RecordAct))(HouseAct.RESTORED, {"kind": HOME_KIND})
    report = await (await house.container.get(VerifyTrail))()
    whole = "whole" if report.whole else "NOT whole: 'daler audit verify' says where"
    say(f"The audit trail, {report.rows} entries, is {whole}.")
    say(AS_OF_THE_BACKUP)
    code = tell(await (await house.container.get(CheckKeys))())
    return code if report.whole else 1
