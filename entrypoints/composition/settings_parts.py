"""The settings that only make sense together: the secrets, and each provider's."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from adapters.crypto.keys import KEY_BYTES, Key, KeyRing
from adapters.norges_bank.settings import URL as NORGES_BANK_URL
from adapters.norges_bank.settings import NorgesBankSettings
from adapters.plaid.limits import PlaidLimits
from adapters.plaid.settings import PlaidSettings
from adapters.tink.settings import TinkSettings
from domain.shared.secret import Secret
from entrypoints.composition import settings_values as values
from entrypoints.composition.settings_source import SettingsSource

CREDENTIALS = (
    "DALER_TINK_CLIENT_ID",
    "DALER_TINK_CLIENT_SECRET",
    "DALER_PLAID_CLIENT_ID",
    "DALER_PLAID_SECRET",
)
PASSPHRASE = "DALER_BACKUP_PASSPHRASE"  # noqa: S105 - a setting's name
"""Read by `daler secrets backup` and `restore` themselves; no secret of the installation."""
# Never used: whoever gets one of these has been told of a problem, and no settings are made.
NO_KEY = Key("missing", bytes(KEY_BYTES))
NO_RING = KeyRing((NO_KEY,))
FROM_ENVIRONMENT = "with a database of your own the secrets come from the environment"
NOWHERE = "http://127.0.0.1:9"
KEY_ADVICE = f"{FROM_ENVIRONMENT}; {values.HOW_TO_MAKE_A_KEY}"
RING_ADVICE = f"{KEY_ADVICE} and write 1: in front of it"


@dataclass(frozen=True, slots=True)
class ServerSecrets:
    """One for each purpose. What they protect lives for different times, and so do they.

    The rings rotate. The lookup key cannot (what was hashed with another one is not found any
    more), which is why it is not taken from the encryption ring.
    """

    encryption: KeyRing
    jwt: KeyRing
    refresh: KeyRing
    lookup: Key
    cursor: Key

    def named(self) -> Iterator[tuple[str, Key]]:
        yield from (("DALER_ENCRYPTION_KEYS", key) for key in self.encryption)
        yield from (("DALER_JWT_KEYS", key) for key in self.jwt)
        yield from (("DALER_REFRESH_KEYS", key) for key in self.refresh)
        yield "DALER_LOOKUP_KEY", self.lookup
        yield "DALER_CURSOR_KEY", self.cursor


def server_secrets(source: SettingsSource) -> ServerSecrets:
    source.text(PASSPHRASE)  # known, so not misspelt
    found = ServerSecrets(
        encryption=source.required("DALER_ENCRYPTION_KEYS", values.ring, RING_ADVICE, NO_RING),
        jwt=source.required("DALER_JWT_KEYS", values.ring, RING_ADVICE, NO_RING),
        refresh=source.required("DALER_REFRESH_KEYS", values.ring, RING_ADVICE, NO_RING),
        lookup=source.required("DALER_LOOKUP_KEY", values.key, KEY_ADVICE, NO_KEY),
        cursor=source.required("DALER_CURSOR_KEY", values.key, KEY_ADVICE, NO_KEY),
    )
    for (name, one), (other_name, other) in combinations(found.named(), 2):
        if one is not NO_KEY and one.secret == other.secret:
            source.refuse(
                f"{other_name} repeats a key of {name}: every purpose needs a key of its own;"
                f" {values.HOW_TO_MAKE_A_KEY}"
            )
    return found


def providers(
    source: SettingsSource, public_url: str, local_url: str, *, embedded: bool
) -> tuple[TinkSettings | None, PlaidSettings | None, bool]:
    """Tink, Plaid, and whether the sandbox bank plays them.

    The sandbox bank delivers its webhooks on this machine only, so it is told `local_url`.
    """
    wanted = source.read("DALER_SANDBOX", values.one_of("auto", "off"), "auto") == "auto"
    sandbox = wanted and embedded and not any(source.text(name) for name in CREDENTIALS)
    hooks = local_url if sandbox else public_url
    tink = _tink(source, public_url, sandbox=sandbox)
    return tink, _plaid(source, hooks, sandbox=sandbox), sandbox


def _tink(source: SettingsSource, public_url: str, *, sandbox: bool) -> TinkSettings | None:
    credentials = _credentials(source, "DALER_TINK_CLIENT_ID", "DALER_TINK_CLIENT_SECRET")
    if sandbox:
        credentials = ("sandbox-tink-client", Secret("sandbox-tink-secret"))
    redirect = f"{public_url}/banking/tink/return"
    client_id, client_secret = credentials or ("", Secret(""))
    settings = TinkSettings(
        client_id=client_id,
        client_secret=client_secret,
        redirect_uri=source.read("DALER_TINK_REDIRECT_URL", values.web_address, redirect),
        api_url=_address(source, "DALER_TINK_API_URL", "https://api.tink.com", sandbox),
        link_url=_address(source, "DALER_TINK_LINK_URL", "https://link.tink.com", sandbox),
        webhook_secret=source.optional("DALER_TINK_WEBHOOK_SECRET", values.provider_secret),
        market=source.read("DALER_TINK_MARKET", values.shaped("[A-Z]{2}", "NO"), "NO"),
        locale=source.read(
            "DALER_TINK_LOCALE", values.shaped("[a-z]{2}_[A-Z]{2}", "no_NO"), "no_NO"
        ),
        # The sandbox bank takes as many as come.
        calls_per_minute=source.read(
            "DALER_TINK_CALLS_PER_MIN", values.whole(0, 1_000_000), 0 if sandbox else 600
        )
        or None,
    )
    return settings if credentials else None


def _plaid(source: SettingsSource, hooks: str, *, sandbox: bool) -> PlaidSettings | None:
    credentials = _credentials(source, "DALER_PLAID_CLIENT_ID", "DALER_PLAID_SECRET")
    if sandbox:
        credentials = ("sandbox-plaid-client", Secret("sandbox-plaid-secret"))
    client_id, secret = credentials or ("", Secret(""))
    norway: tuple[str, ...] = ("NO",)
    settings = PlaidSettings(
        client_id=client_id,
        secret=secret,
        api_url=_address(source, "DALER_PLAID_URL", "https://production.plaid.com", sandbox),
        language=source.read("DALER_PLAID_LANGUAGE", values.shaped("[a-z]{2}", "no"), "no"),
        country_codes=source.read("DALER_PLAID_COUNTRIES", values.countries, norway),
        redirect_uri=source.optional("DALER_PLAID_REDIRECT_URL", values.web_address),
        webhook_url=source.optional("DALER_PLAID_WEBHOOK_URL", values.web_address)
        or _webhooks_at(hooks, sandbox=sandbox),
        limits=PlaidLimits(
            source.read("DALER_PLAID_LIMITS", values.one_of(*PlaidLimits), PlaidLimits.AUTO.value)
        ),
    )
    return settings if credentials else None


def rates(source: SettingsSource, *, sandbox: bool) -> NorgesBankSettings:
    return NorgesBankSettings(
        url=_address(source, "DALER_RATES_URL", NORGES_BANK_URL, sandbox),
        deadline_s=source.read("DALER_RATES_DEADLINE_S", values.seconds, 30.0),
    )


def _webhooks_at(url: str, *, sandbox: bool) -> str | None:
    """Plaid delivers to https only; an address without it is one for this machine."""
    return f"{url}/webhooks/plaid" if sandbox or url.startswith("https://") else None


def _address(source: SettingsSource, name: str, real: str, sandbox: bool) -> str:  # noqa: FBT001
    # Until the sandbox bank has an address of its own nobody must call the real one for it.
    return source.read(name, values.provider_address, NOWHERE if sandbox else real)


def _credentials(
    source: SettingsSource, id_name: str, secret_name: str
) -> tuple[str, Secret] | None:
    client_id = source.optional(id_name, values.shaped(r"[\x21-\x7e]{1,200}", "in its console"))
    secret = source.optional(secret_name, values.provider_secret)
    for name, other in ((id_name, secret_name), (secret_name, id_name)):
        if source.text(name) is None and source.text(other) is not None:
            source.refuse(f"{name} is missing beside {other}: set both, or neither")
    return (client_id, secret) if client_id and secret else None
