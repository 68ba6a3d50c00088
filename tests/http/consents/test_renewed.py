"""Renewed under the same ids, with new ones for every account, or as a new link altogether."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.remove_entry import RemoveEntry, RemoveEntryCommand
from domain.ledger.entry import Entry, Part, Removed
from domain.shared.ids import EntryId
from domain.shared.money import Money
from domain.shared.observations import EntryStatus
from tests.http.consents.town import ANNA, Json, Town

pytestmark = pytest.mark.postgres

PROVIDERS = ["tink", "plaid"]
IDS = ["same", "accounts", "link"]
HOLD = "HOTEL SYNNØVE"
HOLD_MINOR = -123_400


@dataclass(frozen=True, slots=True)
class Said:
    """What the person has said of their entries."""

    noted: EntryId
    split: EntryId
    deleted: EntryId
    hold: EntryId


async def says(town: Town, booked: Sequence[Entry], hold: Entry) -> Said:
    edit, remove = await town.use(EditEntry), await town.use(RemoveEntry)
    free = [one for one in booked if one.transfer is None and one.amount.minor % 2 == 0]
    noted, split, deleted = free[3], free[20], free[40]
    await edit(
        EditEntryCommand(
            owner=ANNA,
            entry_id=noted.id,
            category="health.care",
            note="ask for it back",
            text="Dr Holm",
        )
    )
    half = Money(split.amount.minor // 2, split.amount.currency)
    parts = [Part(half, "food.groceries"), Part(half, "shopping.home")]
    await edit(EditEntryCommand(owner=ANNA, entry_id=split.id, parts=parts))
    await remove(RemoveEntryCommand(ANNA, deleted.id))
    await edit(EditEntryCommand(owner=ANNA, entry_id=hold.id, note="with Kari"))
    await town.works()
    return Said(noted.id, split.id, deleted.id, hold.id)


async def agrees_with_the_bank(town: Town, provider: str) -> None:
    """Every booked entry once and no other; what the person deleted is there, and deleted."""
    truth = await town.street.truth("anna", provider)
    names = {one["id"]: one["name"] for one in truth["accounts"]}
    accounts = {one.id: one.name for one in await town.books.accounts(ANNA)}
    assert sorted(accounts.values()) == sorted(names.values())
    told = Counter(
        (names[one["account_id"]], one["date"], one["amount_minor"])
        for one in truth["transactions"]
    )
    entries = [
        one
        for one in await town.books.entries(ANNA)
        if one.removed in (None, Removed.BY_PERSON) and one.status is EntryStatus.BOOKED
    ]
    kept = Counter(
        (accounts[one.account_id], str(one.booked_on), one.amount.minor) for one in entries
    )
    assert kept == told
    pending = [one for one in await town.shown() if one.status is EntryStatus.PENDING]
    assert Counter(one.amount.minor for one in pending) == Counter(
        one["amount_minor"] for one in truth["pending"]
    )


async def state_of(town: Town) -> tuple[object, object, object]:
    entries = await town.books.entries(ANNA)
    booked = {
        one.id: (one.category, one.note, one.text, one.split, one.removed, one.transfer)
        for one in entries
        if one.status is EntryStatus.BOOKED
    }
    return booked, await town.books.months(ANNA), await town.books.days(ANNA)


async def names_of(town: Town) -> int:
    """How many names the feed has had for accounts."""
    async with town.database.begin(ANNA) as tx:
        found = await tx.db.execute(text("select count(*) from account_sources"))
        return int(found.scalar_one())


async def lapses(town: Town, connection_id: str) -> Json:
    await town.street.control("person/anna/login", state="expired")
    await town.syncs(connection_id)
    found: Json = await town.told(f"/connections/{connection_id}")
    return found


@pytest.mark.parametrize("ids", IDS)
@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_renewal_keeps_everything_whatever_becomes_of_the_ids(
    town: Town, provider: str, ids: str
) -> None:
    connection_id = await town.links(provider)
    await town.street.control(
        "person/anna/transactions",
        amount_minor=HOLD_MINOR,
        text=HOLD,
        pending=True,
        settles_after_hours=72,
    )
    await town.syncs(connection_id)
    shown = await town.shown()
    (hold,) = [one for one in shown if one.amount.minor == HOLD_MINOR]
    said = await says(town, [one for one in shown if one.status is EntryStatus.BOOKED], hold)
    before, accounts = await state_of(town), await town.books.accounts(ANNA)
    assert any(one.transfer for one in shown), "money that moved between own accounts"

    view = await lapses(town, connection_id)
    assert (view["status"], view["renewal"]["state"]) == ("requires_renewal", "required")
    await town.street.control("person/anna/renewal", ids=ids)
    assert await town.renews(provider, connection_id) == connection_id

    view = await town.told(f"/connections/{connection_id}")
    assert (view["status"], view["renewal"]["state"]) == ("active", "none")
    assert await state_of(town) == before
    assert {one.id for one in await town.books.accounts(ANNA)} == {one.id for one in accounts}
    await agrees_with_the_bank(town, provider)
    assert await names_of(town) == (2 if ids != "same" else 1) * len(accounts)
    held = {one.id: one for one in await town.shown()}
    assert held[said.hold].note == "with Kari", "an open hold keeps its id and its note"

    await town.street.control("person/anna/transactions", amount_minor=-4_200, text="KIOSK 7")
    await town.street.control("advance", days=4)
    await town.syncs(connection_id)

    await agrees_with_the_bank(town, provider)
    entries = {one.id: one for one in await town.books.entries(ANNA)}
    assert entries[said.hold].status is EntryStatus.BOOKED, "what was held has booked"
    assert entries[said.hold].note == "with Kari"
    assert entries[said.deleted].removed is Removed.BY_PERSON
    assert entries[said.noted].note == "ask for it back"
    assert len(entries[said.split].split) == 2


@pytest.mark.parametrize("ids", IDS)
@pytest.mark.parametrize("provider", PROVIDERS)
async def test_what_was_held_and_books_while_nobody_could_read_is_one_entry(
    town: Town, provider: str, ids: str
) -> None:
    connection_id = await town.links(provider)
    order = {"amount_minor": HOLD_MINOR, "text": HOLD, "pending": True}
    await town.street.control(
        "person/anna/transactions", **order, settles_after_hours=24, settled_minor=HOLD_MINOR
    )
    await town.syncs(connection_id)
    shown = await town.shown()
    (hold,) = [one for one in shown if one.amount.minor == HOLD_MINOR]
    said = await says(town, [one for one in shown if one.status is EntryStatus.BOOKED], hold)

    await lapses(town, connection_id)
    await town.street.control("advance", days=3)
    await town.street.control("person/anna/renewal", ids=ids)
    await town.renews(provider, connection_id)

    await agrees_with_the_bank(town, provider)
    entries = {one.id: one for one in await town.books.entries(ANNA)}
    assert entries[said.hold].status is EntryStatus.BOOKED
    assert entries[said.hold].note == "with Kari"
    assert entries[said.deleted].removed is Removed.BY_PERSON
    assert await town.books.suggestions(ANNA) == []


@pytest.mark.parametrize("ids", ["accounts", "link"])
@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_second_renewal_finds_everything_again_as_well(
    town: Town, provider: str, ids: str
) -> None:
    connection_id = await town.links(provider)
    before = await state_of(town)
    for _ in range(2):
        await lapses(town, connection_id)
        await town.street.control("person/anna/renewal", ids=ids)
        await town.renews(provider, connection_id)

        assert await state_of(town) == before
        await agrees_with_the_bank(town, provider)


async def test_a_new_item_leaves_no_old_one_behind_at_plaid(town: Town) -> None:
    connection_id = await town.links("plaid")
    await lapses(town, connection_id)
    await town.street.control("person/anna/renewal", ids="link")
    await town.renews("plaid", connection_id)

    answer = await town.street.browser.get(f"{town.street.sandbox.control_url}/links")
    assert [one["removed"] for one in answer.json()["plaid"]] == [True, False]
