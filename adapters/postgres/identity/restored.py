"""What does not outlive the restoring of a backup.

A backup knows nothing of what ended after it was made: sessions that were signed out, keys that
were revoked, codes from mails that were used would all be good again.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Table

from adapters.postgres.identity.tables import refresh_tokens, sessions
from adapters.postgres.identity.tables_bankid import bankid_attempts
from adapters.postgres.identity.tables_confirmations import confirmations, mail_turns
from adapters.postgres.identity.tables_factors import sign_in_challenges
from adapters.postgres.identity.tables_limits import guarded_counts, known_devices
from adapters.postgres.identity.tables_passkeys import passkey_challenges
from adapters.postgres.identity.tables_sessions import api_keys

ENDED_BY_RESTORING: Final[Sequence[Table]] = (
    sessions,
    refresh_tokens,
    api_keys,
    known_devices,
    confirmations,
    sign_in_challenges,
    passkey_challenges,
    bankid_attempts,
    guarded_counts,
    mail_turns,
)
"""The rest of identity is who people are and what they know or hold: that is as of the backup."""

# A backup may be older than some of the tables: it is brought up to date when it is opened.
ENDING: Final = f"""
do $$
declare name text;
begin
    foreach name in array array[{", ".join(f"'{table.name}'" for table in ENDED_BY_RESTORING)}] loop
        if to_regclass(name) is not null then
            execute format('delete from %I', name);
        end if;
    end loop;
end
$$
"""  # noqa: S608 - names of tables of our own
"""For a superuser: row level security would hide from everybody else what it ends."""
