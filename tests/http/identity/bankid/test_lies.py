"""Everything that an issuer can get wrong: it lets nobody in, and leaves nothing behind."""

import pytest

from adapters.memory.database import MemoryDatabase
from adapters.memory.identity.tables import PEOPLE
from entrypoints.composition.bankid import MemoryBankIdParts
from entrypoints.composition.identity import MemoryIdentity
from tests.http.identity.bankid.lies import (
    AWAY,
    HUGE,
    NOT_JSON,
    Wrong,
    answering,
    header,
    moved,
    signing,
    signing_userinfo,
    token,
    userinfo,
)
from tests.http.identity.bankid.town import Town, told_off
from tests.http.support import OverMemory
from tests.providers.server import Answer, told
from tests.support.bankid import Browser, a_house_with_bankid
from tests.support.bankid_issuer import (
    NUMBER,
    SUBSTANTIAL,
    an_issuer,
    hs256_with_the_public_key,
    key,
    signed_by,
    unsigned,
)
from tests.support.clock import CountedIds, FixedClock

SLOW = Answer(body=b"{}" * 400, drip_s=0.05)


TOKEN, DOWN = (401, "bankid_token_invalid"), (503, "bankid_unavailable")


WRONGS: dict[str, tuple[Wrong, tuple[int, str]]] = {
    "another issuer": (token(iss="https://evil.example.org"), TOKEN),
    "no issuer": (token(iss=None), TOKEN),
    "another nonce": (token(nonce="of another browser"), TOKEN),
    "no nonce": (token(nonce=None), TOKEN),
    "a nonce that is no text": (token(nonce=["x"]), TOKEN),
    "another audience": (token(aud="somebody-else"), TOKEN),
    "two audiences, and not for us": (token(aud=["daler", "other"], azp="other"), TOKEN),
    "two audiences, for nobody": (token(aud=["daler", "other"], azp=None), TOKEN),
    "one audience, for another": (token(azp="other"), TOKEN),
    "expired": (moved("exp", seconds=-61), TOKEN),
    "never expires": (token(exp=None), TOKEN),
    "an expiry that is no number": (token(exp="tomorrow"), TOKEN),
    "an expiry that is true": (token(exp=True), TOKEN),
    "of the future": (moved("iat", seconds=90), TOKEN),
    "not valid yet": (moved("nbf", seconds=90), TOKEN),
    "of nobody": (token(sub=None), TOKEN),
    "of an endless name": (token(sub="x" * 300), TOKEN),
    "another access token's": (token(at_hash="wfgvmE9VxjAudsl9lc6TqA"), TOKEN),
    "an at_hash that is no text": (token(at_hash=1), TOKEN),
    "an access token of Keycloak": (token(typ="Bearer"), TOKEN),
    "an access token by its header": (header(typ="at+jwt"), TOKEN),
    "signed this morning": (moved("auth_time", hours=-4), TOKEN),
    "signed in nobody knows when": (token(auth_time=None), TOKEN),
    "signed in tomorrow": (moved("auth_time", days=1), TOKEN),
    "a header that is critical": (header(crit=["exp"], exp=1), TOKEN),
    "no key named": (header(kid=None), TOKEN),
    "an unknown key": (header(kid="key-2"), TOKEN),
    "not signed": (signing(unsigned), TOKEN),
    "signed with the public key": (signing(hs256_with_the_public_key), TOKEN),
    "signed by another key": (signing(signed_by(key("key-9"))), TOKEN),
    "no token at all": (signing(lambda *_: "abc"), TOKEN),
    "an endless token": (signing(lambda *_: "a." * 40_000), TOKEN),
    "letters of another kind": (signing(lambda *_: "æ.ø.å"), TOKEN),
    "a deep claim": (token(deep=[[[[[[[]]]]]]] * 3, exp={}), TOKEN),
    "userinfo of another": (userinfo(sub="subject-of-berit"), TOKEN),
    "userinfo of nobody": (userinfo(sub=None), TOKEN),
    "userinfo for another": (userinfo(aud="somebody-else"), TOKEN),
    "userinfo from another": (userinfo(iss="https://evil.example.org"), TOKEN),
    "userinfo not signed": (signing_userinfo(unsigned), TOKEN),
    "userinfo in plain JSON": (signing_userinfo(None), TOKEN),
    "userinfo signed by another": (signing_userinfo(signed_by(key("key-9"))), TOKEN),
    "userinfo with another number": (userinfo(nnin="20036914700"), TOKEN),
    "a number that is a number": (token(nnin_altsub=1010150740), TOKEN),
    "no level": (token(acr=None), (403, "bankid_level_too_low")),
    "the substantial level": (token(acr=SUBSTANTIAL), (403, "bankid_level_too_low")),
    "nobody's number": (token(nnin_altsub="01010150741"), (422, "national_number_invalid")),
    "a test person": (token(nnin_altsub="15819010029"), (422, "national_number_not_allowed")),
    "another birth date": (token(birthdate="2001-01-02"), (422, "bankid_birth_date_conflict")),
    "a child": (token(nnin_altsub=None, birthdate="2008-03-03"), (403, "bankid_under_age")),
    "no age": (token(nnin_altsub=None, birthdate=None), (403, "bankid_age_unknown")),
    "a year for a birth date": (
        token(nnin_altsub=None, birthdate="0000-01-01"),
        (403, "bankid_age_unknown"),
    ),
    "a token endpoint that is down": (answering("/token", Answer(500)), DOWN),
    "a token endpoint that leads away": (answering("/token", AWAY), DOWN),
    "a token endpoint that babbles": (answering("/token", NOT_JSON), DOWN),
    "a token endpoint without end": (answering("/token", HUGE), DOWN),
    "a token endpoint that knows us not": (
        answering("/token", told({"error": "invalid_client"}, 401)),
        (503, "bankid_misconfigured"),
    ),
    "a token endpoint that refuses oddly": (
        answering("/token", Answer(418, b"\xff")),
        (422, "bankid_refused"),
    ),
    "tokens of another kind": (
        answering("/token", told({"access_token": "a", "id_token": "b", "token_type": "mac"})),
        TOKEN,
    ),
    "keys that are down": (answering("/certs", Answer(502)), DOWN),
    "keys that babble": (answering("/certs", NOT_JSON), DOWN),
    "keys that are gone": (answering("/certs", Answer(404)), (503, "bankid_misconfigured")),
    "no keys": (answering("/certs", told({"keys": [{"kty": "oct", "k": "AA"}, 1]})), TOKEN),
    "userinfo that is down": (answering("/userinfo", Answer(500)), DOWN),
    "userinfo that refuses": (answering("/userinfo", Answer(403)), TOKEN),
    "userinfo that leads away": (answering("/userinfo", AWAY), DOWN),
    "userinfo that babbles": (answering("/userinfo", NOT_JSON), TOKEN),
}


@pytest.mark.parametrize("name", WRONGS)
async def test_what_is_wrong_lets_nobody_in_and_changes_nothing(town: Town, name: str) -> None:
    wrong, expected = WRONGS[name]
    brought = town.issuer.visit(await town.browser.leaves())
    wrong(town.issuer)
    before = town.kept()

    answer = await town.browser.returns(brought)

    assert told_off(answer) == expected
    assert town.kept() == before
    for said in (NUMBER, "Anna", brought["code"], brought["state"], "subject-of"):
        assert said not in answer.text


async def test_an_issuer_that_drips_is_given_up(clock: FixedClock, ids: CountedIds) -> None:
    database = MemoryDatabase(clock, ids)
    over = (MemoryIdentity(), MemoryBankIdParts(), OverMemory(database))
    async with an_issuer(clock) as (issuer, server):
        settings = issuer.settings(deadline_s=6.0)
        async with a_house_with_bankid(settings, clock, ids, *over) as http:
            town = Town(issuer, server, http, Browser(http), database, clock)
            brought = issuer.visit(await town.browser.leaves())
            answering("/token", SLOW)(issuer)
            answer = await town.browser.returns(brought)

    assert told_off(answer) == DOWN
    assert not database.tables.of(PEOPLE)
