"""What people call the banks that Tink calls `no-dnb-ob`."""

import re
from typing import Final

import msgspec

from adapters.outbound.call import Call
from adapters.outbound.reading import reading
from adapters.tink import shapes
from adapters.tink.access import Access
from adapters.tink.api import TinkApi, TinkRefusalError
from application.connections.gateway import ProviderMisconfiguredError, ProviderUnavailableError

SCOPE: Final = "providers:read"
_NAME_MAX: Final = 100
_MARKET: Final = re.compile(r"\A[a-z]{2}-")

_listed = reading(msgspec.json.Decoder(shapes.Providers))


async def name_of(api: TinkApi, provider: str | None, renewed: Access | None) -> str | None:
    """What to call the bank, for people only; None where Tink names none.

    Where Tink gives no list, or the bank is not in it, a bank that is renewed keeps the name it
    has, and that of another one is made of Tink's own name. Linking never fails because of it.
    """
    if provider is None:
        return None
    listed = await _as_listed(api, provider)
    if listed is None and renewed is not None and renewed.institution == provider:
        listed = renewed.bank
    return listed or readable(provider)


async def _as_listed(api: TinkApi, provider: str) -> str | None:
    call = Call(
        "GET",
        "/api/v1/providers/{market}",
        deadline_s=api.settings.interactive_call_s,
        repeatable=True,
        path=f"/api/v1/providers/{api.settings.market}",
        query=(("includeTestProviders", "true"),),
    )
    try:
        found = await api.as_client(SCOPE, call, _listed)
    except (TinkRefusalError, ProviderUnavailableError, ProviderMisconfiguredError):
        return None  # perhaps the client was not given this scope
    names = (one.display_name for one in found.providers if one.name == provider)
    return next((name.strip()[:_NAME_MAX] for name in names if name and name.strip()), None)


def readable(provider: str) -> str:
    """`no-dnb-ob` as `Dnb Ob`: no bank's name, but not a machine's either."""
    words = re.split(r"[-_\s]+", _MARKET.sub("", provider))
    return " ".join(word[:1].upper() + word[1:] for word in words if word)[:_NAME_MAX] or provider
