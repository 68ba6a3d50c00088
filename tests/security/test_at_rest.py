"""What a copy of the database would tell a thief."""

import base64
from collections.abc import Iterator
from uuid import UUID

import pytest

from application.connections.ports import BeginConnectionsTx
from domain.shared.ids import ConnectionId, UserId
from tests.security.town import Days, Someone

pytestmark = pytest.mark.postgres


def spellings(secret: str) -> Iterator[str]:
    """As text, and as a careless program may have stored the same bytes."""
    raw = secret.encode()
    yield secret
    yield raw.hex()
    yield base64.b64encode(raw).decode().rstrip("=")
    yield base64.urlsafe_b64encode(raw).decode().rstrip("=")


async def provider_tokens(days: Days, who: Someone) -> list[str]:
    """What opens this person's banks, as the adapters get it."""
    begin = await days.town.container.get(BeginConnectionsTx)
    profile = await days.town.ok("GET", "/api/v1/me", who)
    found = []
    async with begin(UserId(UUID(profile["data"]["id"]))) as tx:
        for connection_id in who.ids["connection_id"]:
            access = await tx.accesses.find(ConnectionId(UUID(connection_id)))
            assert access is not None
            found.append(access.reveal())
    return found


def secrets_of(days: Days, who: Someone) -> dict[str, str]:
    tokens = {f"token {number}": one for number, one in enumerate(who.tokens)}
    states = {f"state {number}": one for number, one in enumerate(who.states)}
    opened = days.run(provider_tokens(days, who))
    banks = {f"provider token {number}": one for number, one in enumerate(opened)}
    settings = days.town.settings
    assert settings.tink
    assert settings.plaid
    return {
        "e-mail": who.email,
        "name": who.name,
        "password": who.password,
        "tink secret": settings.tink.client_secret.reveal(),
        "plaid secret": settings.plaid.secret.reveal(),
        **tokens,
        **states,
        **banks,
    }


def test_no_table_holds_a_secret_in_clear(days: Days) -> None:
    wanted = {
        f"{who.word}'s {name}": secret
        for who in (days.anna, days.bjorn)
        for name, secret in secrets_of(days, who).items()
    }
    assert len(wanted) > 20
    assert all(len(secret) >= 11 for secret in wanted.values())

    for table in days.run(days.town.tables()):
        dump = days.run(days.town.dump(table))
        for name, secret in wanted.items():
            for spelled in spellings(secret):
                assert spelled not in dump, f"{name} in {table}"


def test_pieces_of_what_opens_a_bank_are_in_no_table_either(days: Days) -> None:
    """A provider's access is a small document: its parts are as secret as the whole."""
    pieces = {
        piece
        for who in (days.anna, days.bjorn)
        for token in days.run(provider_tokens(days, who))
        for piece in token.replace('"', " ").replace(",", " ").replace(":", " ").split()
        if piece.startswith(("access-", "public-"))
    }
    assert pieces

    for table in days.run(days.town.tables()):
        dump = days.run(days.town.dump(table))
        for piece in pieces:
            assert piece not in dump, table


def test_a_statement_file_is_kept_sealed(days: Days) -> None:
    dump = days.run(days.town.dump("imports"))
    assert f"{days.anna.word}-shop" not in dump
    assert f"{days.anna.word}-shop".encode().hex() not in dump


def test_pages_of_banks_are_kept_sealed(days: Days) -> None:
    text = days.run(
        days.town.admin.fetchval(
            "select e.text from entries e join entry_sources s using (user_id)"
            " where s.entry_id = e.id and length(e.text) > 12 limit 1"
        )
    )
    assert text not in days.run(days.town.dump("page_bodies"))


def test_tables_without_a_wall_hold_nothing_personal(days: Days) -> None:
    for table in (
        "jobs",
        "outbox",
        "login_directory",
        "confirmations",
        "mail_turns",
        "refresh_tokens",
        "provider_objects",
    ):
        dump = days.run(days.town.dump(table))
        for who in (days.anna, days.bjorn):
            assert who.word not in dump, table
            assert who.name not in dump, table
    numbers = days.run(
        days.town.admin.fetch("select number from accounts where number is not null")
    )
    assert numbers
    for table in ("jobs", "outbox", "provider_objects", "audit_log", "idempotency_keys"):
        dump = days.run(days.town.dump(table))
        for row in numbers:
            assert row["number"] not in dump, table
