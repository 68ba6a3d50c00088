"""Which pending entries count as under way."""

from typing import Final

from adapters.postgres.ledger.standing import stands

UNDER_WAY: Final = f"""
    status = 'pending' and removed is null
    and not exists (
        select from entry_suggestions asked
        join entries booked on booked.user_id = asked.user_id and booked.id = asked.booked_id
        where asked.user_id = entries.user_id and asked.pending_id = entries.id
            and asked.state = 'open' and {stands("entries")})
"""
"""Of `entries`: pending, and not in question because something booked may be the same.

That one counts, whole; so nothing is counted twice, and nothing is left out.
"""
