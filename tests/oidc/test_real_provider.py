"""Signing in through a real OpenID provider, which checks what we send as BankID would."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx
import pytest

from adapters.bankid.settings import BankIdSettings, ClaimNames
from adapters.memory.database import MemoryDatabase
from adapters.memory.identity.bankid import BANKID_LINKS
from adapters.memory.identity.tables import PEOPLE
from application.identity.bankid.ports import BankIdRules
from domain.identity.national_number import NumberKind
from domain.shared.secret import Secret
from entrypoints.composition.bankid import MemoryBankIdParts
from entrypoints.composition.identity import MemoryIdentity
from tests.http.support import OverMemory
from tests.oidc.node import CALLBACK, CLIENT_ID, CLIENT_SECRET, RealProvider
from tests.providers.support import WallClock
from tests.support.bankid import Browser, a_house_with_bankid, bearer
from tests.support.clock import CountedIds

pytestmark = pytest.mark.slow

ANNA: Final[dict[str, Any]] = {
    "sub": "subject-of-anna",
    "acr": "urn:bankid:bid;LOA=4",
    "amr": ["BID"],
    "claims": {
        "name": "Anna Berg",
        "given_name": "Anna",
        "family_name": "Berg",
        "birthdate": "1990-01-15",
        "nnin_altsub": "15819010029",
        "nnin": "15819010029",
        "bankid_altsub": "9578-6000-4-1234567",
    },
}
SCOPES: Final = ("openid", "profile", "nnin_altsub")


@dataclass(frozen=True, slots=True)
class Town:
    provider: RealProvider
    http: httpx.AsyncClient
    database: MemoryDatabase

    async def goes(self, browser: Browser, **changes: str) -> dict[str, str]:
        """Through the provider's own pages, up to where it sends the browser back to us."""
        address = httpx.URL(await browser.leaves())
        if changes:
            address = address.copy_merge_params(changes)
        async with httpx.AsyncClient() as outside:
            answer = await outside.get(address)
            while answer.next_request and answer.next_request.url.host == "127.0.0.1":
                answer = await outside.send(answer.next_request)
        assert answer.next_request is not None, answer.text
        back = answer.next_request.url
        assert str(back).startswith(CALLBACK)
        return dict(back.params)

    async def signs_in(self, **changes: str) -> httpx.Response:
        browser = Browser(self.http)
        return await browser.returns(await self.goes(browser, **changes))


def settings(provider: RealProvider, **changes: Any) -> BankIdSettings:  # noqa: ANN401 - any of them
    usual: dict[str, Any] = {
        "issuer": provider.issuer,
        "client_id": CLIENT_ID,
        "client_secret": Secret(CLIENT_SECRET),
        "redirect_uri": CALLBACK,
        "scopes": SCOPES,
    }
    return BankIdSettings(**(usual | changes))


@asynccontextmanager
async def a_town(
    provider: RealProvider, ids: CountedIds, issuer: BankIdSettings
) -> AsyncIterator[Town]:
    clock = WallClock()
    database = MemoryDatabase(clock, ids)
    over = (MemoryIdentity(), MemoryBankIdParts(), OverMemory(database))
    rules = BankIdRules(numbers=frozenset({NumberKind.TENOR}))
    async with a_house_with_bankid(issuer, clock, ids, *over, rules=rules) as http:
        yield Town(provider, http, database)


@pytest.fixture
async def town(real_provider: RealProvider, ids: CountedIds) -> AsyncIterator[Town]:
    real_provider.next(**ANNA)
    async with a_town(real_provider, ids, settings(real_provider)) as town:
        yield town


def told_off(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


async def test_the_first_sign_in_makes_a_person_and_the_next_ones_find_them(town: Town) -> None:
    first = await town.signs_in()
    again = await town.signs_in()

    assert (first.status_code, again.status_code) == (200, 200), first.text
    me = (await town.http.get("/me", headers=bearer(again))).json()["data"]
    assert me["name"] == "Anna Berg"
    assert len(town.database.tables.of(PEOPLE)) == 1
    [link] = town.database.tables.of(BANKID_LINKS).values()
    assert (link.assurance, link.method) == ("high", "BID")
    assert link.number is not None
    assert str(link.born_on) == "1990-01-15"


async def test_the_number_may_come_with_the_signed_userinfo_alone(
    real_provider: RealProvider, ids: CountedIds
) -> None:
    real_provider.next(**ANNA)
    issuer = settings(real_provider, scopes=("openid", "profile", "nnin"))
    async with a_town(real_provider, ids, issuer) as town:
        assert (await town.signs_in()).status_code == 200
        [link] = town.database.tables.of(BANKID_LINKS).values()

    assert link.number is not None


async def test_who_is_not_approved_for_the_number_works_without_it(
    real_provider: RealProvider, ids: CountedIds
) -> None:
    real_provider.next(**ANNA)
    issuer = settings(real_provider, scopes=("openid", "profile"))
    async with a_town(real_provider, ids, issuer) as town:
        await town.signs_in()
        assert (await town.signs_in()).status_code == 200
        [link] = town.database.tables.of(BANKID_LINKS).values()

    assert link.number is None


async def test_another_issuers_words_are_a_matter_of_settings(
    real_provider: RealProvider, ids: CountedIds
) -> None:
    """As with ID-porten, whose level and claims have names of their own."""
    real_provider.next(**(ANNA | {"acr": "idporten-loa-high", "amr": "BankID Mobil"}))
    names = ClaimNames(number=("pid", "nnin_altsub"), stable=("nothing",), name=("family_name",))
    async with a_town(real_provider, ids, settings(real_provider, claims=names)) as town:
        answer = await town.signs_in()
        me = (await town.http.get("/me", headers=bearer(answer))).json()["data"]

    assert me["name"] == "Berg"


async def test_who_leaves_bankid_is_told_so_and_nobody_is_made(town: Town) -> None:
    town.provider.next(error="access_denied")

    assert told_off(await town.signs_in()) == (422, "bankid_cancelled")
    assert not town.database.tables.of(PEOPLE)


async def test_the_substantial_level_is_not_enough_unless_the_settings_say_so(
    town: Town, ids: CountedIds
) -> None:
    town.provider.next(**(ANNA | {"acr": "urn:bankid:bis;LOA=3", "amr": ["BIS"]}))
    assert told_off(await town.signs_in()) == (403, "bankid_level_too_low")

    lenient = settings(town.provider, acr_substantial=frozenset({"urn:bankid:bis;LOA=3"}))
    async with a_town(town.provider, ids, lenient) as other:
        assert (await other.signs_in()).status_code == 200
        [link] = other.database.tables.of(BANKID_LINKS).values()
    assert (link.assurance, link.method) == ("substantial", "BIS")


async def test_the_provider_refuses_a_code_without_its_verifier(town: Town) -> None:
    """PKCE is the provider's to check: a challenge of somebody else's makes our code worthless."""
    challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

    answer = await town.signs_in(code_challenge=challenge)

    assert told_off(answer) == (422, "bankid_refused")


async def test_a_nonce_that_was_exchanged_on_the_way_is_noticed(town: Town) -> None:
    assert told_off(await town.signs_in(nonce="of-another")) == (401, "bankid_token_invalid")


async def test_a_code_works_once(town: Town) -> None:
    browser = Browser(town.http)
    brought = await town.goes(browser)
    assert (await browser.returns(brought)).status_code == 200
    other = Browser(town.http)
    again = await town.goes(other)

    answer = await other.returns(again | {"code": brought["code"]})

    assert told_off(answer) == (422, "bankid_refused")


async def test_an_answer_that_does_not_say_whose_it_is_is_refused(town: Town) -> None:
    """The provider promises to name itself (RFC 9207)."""
    browser = Browser(town.http)
    brought = await town.goes(browser)
    del brought["iss"]

    assert told_off(await browser.returns(brought)) == (401, "bankid_token_invalid")


async def test_a_wrong_secret_of_ours_is_an_administrators_matter(
    real_provider: RealProvider, ids: CountedIds
) -> None:
    real_provider.next(**ANNA)
    issuer = settings(real_provider, client_secret=Secret("wrong"))
    async with a_town(real_provider, ids, issuer) as town:
        assert told_off(await town.signs_in()) == (503, "bankid_misconfigured")
