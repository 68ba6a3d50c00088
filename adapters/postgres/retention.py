"""How long each table keeps a row. A new table has to say so here; a test asks for it."""

from collections.abc import Mapping
from typing import Final

WITH_THE_PERSON: Final = "as long as the person stays"
WITH_THE_LINK: Final = "as long as the bank link lives"
WITH_THE_FEED: Final = "as long as the entries that came of it"

KEPT: Final[Mapping[str, str]] = {
    "jobs": "14 days after it was done; dead ones until an administrator decides",
    "outbox": "14 days",
    "inbox": WITH_THE_PERSON,
    "idempotency_keys": "24 hours",
    "schedule_slots": "90 days",
    "audit_log": "five years after the person left",
    "audit_heads": "as long as its chain in audit_log",
    "people": WITH_THE_PERSON,
    "credentials": WITH_THE_PERSON,
    "login_directory": WITH_THE_PERSON,
    "sessions": "90 days after it ended",
    "refresh_tokens": "until it runs out",
    "guarded_counts": "an hour after the last try, or half of one, whichever its rule says",
    "known_devices": "90 days after its last use; taken away when the next device is remembered",
    "confirmations": "a day after it ran out",
    "mail_turns": "an hour",
    "connections": WITH_THE_PERSON,
    "connection_secrets": WITH_THE_LINK,
    "provider_objects": WITH_THE_LINK,
    "link_attempts": "30 days",
    "feeds": WITH_THE_FEED,
    "feed_updates": WITH_THE_FEED,
    "feed_pages": WITH_THE_FEED,
    "page_bodies": f"what it says {WITH_THE_FEED}, the page as it came 90 days",
    "accounts": WITH_THE_PERSON,
    "account_sources": WITH_THE_PERSON,
    "entries": WITH_THE_PERSON,
    "entry_parts": WITH_THE_PERSON,
    "entry_sources": WITH_THE_PERSON,
    "month_sums": WITH_THE_PERSON,
    "day_sums": WITH_THE_PERSON,
    "ledger_feeds": WITH_THE_PERSON,
    "ledger_revisions": WITH_THE_PERSON,
    "ledger_changes": WITH_THE_PERSON,
    "imports": WITH_THE_PERSON,
}
