"""Who may tell us something: the signatures of both providers, against their own vectors."""

import hmac
import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OctKey
from typing_extensions import override

from adapters.plaid.webhook import PlaidWebhooks
from adapters.plaid.webhook_keys import VerificationKeys
from adapters.tink.webhook import TinkWebhooks
from domain.connections.errors_webhooks import (
    WebhookForgedError,
    WebhookNotSetUpError,
    WebhookOutOfTimeError,
    WebhookUnsignedError,
)
from domain.shared.network import UNKNOWN
from domain.shared.secret import Secret
from tests.support.clock import FixedClock

SHAPES: Final = Path(__file__).parents[1] / "shapes"
TINK: Final[dict[str, Any]] = json.loads((SHAPES / "tink/webhook-vector.json").read_text())
PLAID: Final[dict[str, Any]] = json.loads((SHAPES / "plaid/webhook-vector.json").read_text())
TINK_BODY: Final = TINK["body"].encode()
PLAID_BODY: Final = PLAID["body"].encode()
SECRET: Final = Secret(TINK["secret"])
SIGNED: Final = f"t={TINK['t']},v1={TINK['v1']}"


def at(seconds: float) -> FixedClock:
    return FixedClock(datetime.fromtimestamp(seconds, UTC))


def tink(now: float = TINK["t"], *secrets: Secret) -> TinkWebhooks:
    held = secrets or (SECRET,)
    return TinkWebhooks(lambda: held, at(now))


def signed(secret: str, body: bytes, time: str = str(TINK["t"])) -> str:
    return hmac.new(secret.encode(), f"{time}.".encode() + body, sha256).hexdigest()


@dataclass(slots=True)
class HeldKeys(VerificationKeys):
    keys: dict[str, ECKey] = field(
        default_factory=lambda: {PLAID["jwk"]["kid"]: ECKey.import_key(PLAID["jwk"])}
    )
    asked: list[str] = field(default_factory=list)

    @override
    async def get(self, kid: str, network: str = UNKNOWN) -> ECKey:
        self.asked.append(kid)
        if kid not in self.keys:
            raise WebhookForgedError
        return self.keys[kid]


def plaid(now: float = PLAID["good_at"], keys: HeldKeys | None = None) -> PlaidWebhooks:
    return PlaidWebhooks(keys or HeldKeys(), at(now))


# Tink


async def test_tinks_vector_holds() -> None:
    await tink().verify(SIGNED, TINK_BODY)


@pytest.mark.parametrize(
    "signature",
    [
        pytest.param(f"v1={TINK['v1']},t={TINK['t']}", id="other order"),
        pytest.param(f"t={TINK['t']}, v1={TINK['v1']}", id="blanks"),
        pytest.param(f"t={TINK['t']},v0=abc,v1={TINK['v1']},x", id="keys that are new to us"),
        pytest.param(f"t={TINK['t']},v1={'0' * 64},v1={TINK['v1']}", id="several signatures"),
    ],
)
async def test_tinks_signature_may_be_written_so(signature: str) -> None:
    await tink().verify(signature, TINK_BODY)


@pytest.mark.parametrize(
    "signature",
    [
        pytest.param(f"t={TINK['t']},v1={TINK['wrong_v1_of_the_body_alone']}", id="body alone"),
        pytest.param(f"t={TINK['t'] + 1},v1={TINK['v1']}", id="another time"),
        pytest.param(f"v1={TINK['v1']}", id="no time"),
        pytest.param(f"t={TINK['t']}", id="no signature"),
        pytest.param(f"t={TINK['t']},t={TINK['t']},v1={TINK['v1']}", id="two times"),
        pytest.param(f"t=٣,v1={TINK['v1']}", id="a digit that is none"),
        pytest.param(f"t={'9' * 400},v1={TINK['v1']}", id="a time too long"),
        pytest.param(f"t=-1,v1={signed(TINK['secret'], TINK_BODY, '-1')}", id="a time before time"),
        pytest.param(f"t={TINK['t']},v1=", id="an empty one"),
        pytest.param(f"t={TINK['t']},v1=ø", id="not hexadecimal"),
        pytest.param(f"t={TINK['t']},v1={TINK['v1'].upper()}", id="upper case"),
        pytest.param("," * 500, id="commas"),
        pytest.param(SIGNED + "," + "v1=0" * 1000, id="far too long"),
        pytest.param("\x00", id="rubbish"),
    ],
)
async def test_a_signature_of_tink_that_does_not_hold_is_refused(signature: str) -> None:
    with pytest.raises(WebhookForgedError):
        await tink().verify(signature, TINK_BODY)


async def test_one_byte_more_or_less_is_another_body() -> None:
    for body in (TINK_BODY + b"\n", TINK_BODY[:-1], TINK_BODY.replace(b"acc-1", b"acc-2"), b""):
        with pytest.raises(WebhookForgedError):
            await tink().verify(SIGNED, body)


async def test_no_signature_at_all_says_where_it_belongs() -> None:
    for missing in (None, ""):
        with pytest.raises(WebhookUnsignedError, match="X-Tink-Signature"):
            await tink().verify(missing, TINK_BODY)
        with pytest.raises(WebhookUnsignedError, match="Plaid-Verification"):
            await plaid().verify(missing, PLAID_BODY)


@pytest.mark.parametrize("late_s", [-300, -299, 0, 299, 300])
async def test_five_minutes_are_borne_with_tink(late_s: int) -> None:
    await tink(TINK["t"] + late_s).verify(SIGNED, TINK_BODY)


@pytest.mark.parametrize("late_s", [-301, 301, 86_400])
async def test_what_was_recorded_cannot_be_played_again(late_s: int) -> None:
    with pytest.raises(WebhookOutOfTimeError):
        await tink(TINK["t"] + late_s).verify(SIGNED, TINK_BODY)


async def test_either_of_two_secrets_holds_while_they_change() -> None:
    await tink(TINK["t"], Secret("the new one"), SECRET).verify(SIGNED, TINK_BODY)


async def test_without_a_secret_nothing_is_taken() -> None:
    with pytest.raises(WebhookNotSetUpError, match="DALER_TINK_WEBHOOK_SECRET"):
        await TinkWebhooks(tuple, at(TINK["t"])).verify(SIGNED, TINK_BODY)


# Plaid


async def test_plaids_vector_holds() -> None:
    await plaid().verify(PLAID["jwt"], PLAID_BODY)


async def test_plaids_vector_is_too_old_after_five_minutes() -> None:
    with pytest.raises(WebhookOutOfTimeError):
        await plaid(PLAID["too_old_at"]).verify(PLAID["jwt"], PLAID_BODY)
    await plaid(PLAID["too_old_at"] - 1).verify(PLAID["jwt"], PLAID_BODY)


async def test_plaids_clock_may_run_a_little_before_ours() -> None:
    await plaid(1760000000 - 60).verify(PLAID["jwt"], PLAID_BODY)
    with pytest.raises(WebhookOutOfTimeError):
        await plaid(1760000000 - 61).verify(PLAID["jwt"], PLAID_BODY)


async def test_the_body_counts_as_it_came_not_as_it_would_be_written_again() -> None:
    compact = json.dumps(json.loads(PLAID_BODY), separators=(",", ":")).encode()
    assert sha256(compact).hexdigest() == PLAID["sha256_of_the_compact_form"]
    keys = HeldKeys()
    with pytest.raises(WebhookForgedError):
        await plaid(keys=keys).verify(PLAID["jwt"], compact)
    assert keys.asked == [], "no key is looked up for what cannot be true"


def token(key: ECKey | OctKey, header: dict[str, Any], claims: object) -> str:
    algorithms = [header["alg"]]
    return jws.serialize_compact(header, json.dumps(claims), key, algorithms=algorithms)


GOOD: Final = {"iat": 1760000000, "request_body_sha256": PLAID["sha256"]}
KID: Final[str] = PLAID["jwk"]["kid"]
OURS: Final = ECKey.generate_key("P-256")
PUBLIC: Final = json.dumps(PLAID["jwk"])


def _packed(text: str) -> str:
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


HEAD, PAYLOAD, MAC = PLAID["jwt"].split(".")
FORGERIES: Final = {
    "signed by somebody else": token(OURS, {"alg": "ES256", "kid": KID}, GOOD),
    "an unknown key": token(OURS, {"alg": "ES256", "kid": "k-2"}, GOOD),
    "no algorithm": f"{_packed(json.dumps({'alg': 'none', 'kid': KID}))}.{PAYLOAD}.",
    "a shared secret made of the public key": token(
        OctKey.import_key(PUBLIC), {"alg": "HS256", "kid": KID}, GOOD
    ),
    "another curve": token(ECKey.generate_key("P-384"), {"alg": "ES384", "kid": KID}, GOOD),
    "another way to write ES256": f"{_packed(json.dumps({'alg': 'es256', 'kid': KID}))}.x.x",
    "no key named": f"{_packed(json.dumps({'alg': 'ES256'}))}.{PAYLOAD}.{MAC}",
    "a key that is no text": f"{_packed(json.dumps({'alg': 'ES256', 'kid': 7}))}.{PAYLOAD}.{MAC}",
    "an empty key": f"{_packed(json.dumps({'alg': 'ES256', 'kid': ''}))}.{PAYLOAD}.{MAC}",
    "claims changed": f"{HEAD}.{_packed(json.dumps(GOOD | {'iat': 1760000001}))}.{MAC}",
    "no claims": f"{HEAD}.{_packed('{}')}.{MAC}",
    "claims that are no object": f"{HEAD}.{_packed('[]')}.{MAC}",
    "a time that is text": f"{HEAD}.{_packed(json.dumps(GOOD | {'iat': 'now'}))}.{MAC}",
    "a hash that is no text": f"{HEAD}.{_packed(json.dumps(GOOD | {'request_body_sha256': 1}))}.",
    "the signature cut off": f"{HEAD}.{PAYLOAD}.{MAC[:-4]}",
    "no signature": f"{HEAD}.{PAYLOAD}.",
    "two parts": f"{HEAD}.{PAYLOAD}",
    "four parts": f"{PLAID['jwt']}.{MAC}",
    "not base64": f"{HEAD}.{PAYLOAD}.****",
    "rubbish": "x.y.z",
    "far too long": "a" * 5000,
    "letters from elsewhere": f"{HEAD}.ø.{MAC}",
    "a time of 400 digits": f"{HEAD}.{_packed(json.dumps(GOOD | {'iat': int('9' * 400)}))}.{MAC}",
    "a time before time": f"{HEAD}.{_packed(json.dumps(GOOD | {'iat': -(10**400)}))}.{MAC}",
    "half a letter": f"{HEAD}.{_packed(json.dumps(GOOD | {'request_body_sha256': chr(0xD800)}))}.x",
    "deep nonsense": f"{_packed('[' * 2000)}.{PAYLOAD}.{MAC}",
}


UNHEARD_OF: Final[tuple[object, ...]] = (
    5,
    None,
    True,
    "",
    {},
    [["x"]],
    [None],
    [{}],
    ["b64"],
    {"alg": 1},
    1e300,
)
"""Under names that the library knows."""
NAMES: Final = ("crit", "b64", "jwk", "jku", "x5u", "x5c", "x5t", "typ", "cty", "zip", "enc", "epk")


@pytest.mark.parametrize("name", NAMES)
async def test_a_header_that_its_reader_does_not_expect_is_refused(name: str) -> None:
    for value in UNHEARD_OF:
        header = _packed(json.dumps({"alg": "ES256", "kid": KID, name: value}))
        with pytest.raises(WebhookForgedError):
            await plaid().verify(f"{header}.{PAYLOAD}.{MAC}", PLAID_BODY)


@pytest.mark.parametrize("forged", FORGERIES.values(), ids=FORGERIES.keys())
async def test_a_signature_of_plaid_that_does_not_hold_is_refused(forged: str) -> None:
    with pytest.raises(WebhookForgedError):
        await plaid().verify(forged, PLAID_BODY)


async def test_a_key_is_looked_up_only_for_what_could_be_true() -> None:
    keys = HeldKeys()
    for forged in FORGERIES.values():
        with pytest.raises(WebhookForgedError):
            await plaid(keys=keys).verify(forged, PLAID_BODY)
    assert "k-2" in keys.asked
    assert len(keys.asked) < len(FORGERIES) / 2
