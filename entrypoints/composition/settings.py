"""Everything that can be set, read once at the start from the environment.

Without DALER_DATABASE_URL Daler brings its own database ("embedded"), and `$DALER_HOME/.env` holds
its secrets. With it, everything comes from the environment and the secrets are required.
"""

from collections.abc import Mapping
from dataclasses import replace
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Self

import msgspec

from adapters.crypto.keys import Key, KeyRing
from adapters.mail.settings import MailSettings
from adapters.norges_bank.settings import NorgesBankSettings
from adapters.plaid.settings import PlaidSettings
from adapters.tink.settings import TinkSettings
from application.connections.pace.pace import Pace
from application.identity.passkeys.ports import RelyingParty
from domain.secrets.ring import RingName
from domain.shared.secret import Secret
from entrypoints.composition import secrets_file
from entrypoints.composition import settings_values as values
from entrypoints.composition.settings_bankid import BankIdSetup, bankid
from entrypoints.composition.settings_limits import GuardSettings, guard_settings
from entrypoints.composition.settings_mail import mail_settings
from entrypoints.composition.settings_pace import pace
from entrypoints.composition.settings_parts import providers, rates, server_secrets
from entrypoints.composition.settings_passkeys import relying_party
from entrypoints.composition.settings_source import SettingsSource

HOME = ".daler"
NO_ORIGINS: tuple[str, ...] = ()
RING_SETTINGS: Mapping[RingName, str] = {
    RingName.ENCRYPTION: "DALER_ENCRYPTION_KEYS",
    RingName.JWT: "DALER_JWT_KEYS",
    RingName.REFRESH: "DALER_REFRESH_KEYS",
}
LOG_LEVELS = ("debug", "info", "warning", "error")


class SecretsFile(msgspec.Struct, frozen=True):
    path: Path
    rings: frozenset[str]
    """The settings that it decides: what the environment says is not among them."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Printing settings shows no secret."""

    home: Path
    host: str
    port: int
    public_url: str
    docs: bool
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...]
    web_origins: tuple[str, ...]
    """Pages elsewhere that may call us from a browser."""

    database_url: Secret | None
    """As the role that owns nothing; None: embedded."""
    database_owner_url: Secret | None
    """As the role that owns the tables, for migrations."""
    redis_url: Secret | None

    encryption_keys: KeyRing
    jwt_keys: KeyRing
    refresh_keys: KeyRing
    lookup_key: Key
    cursor_key: Key
    secrets_file: SecretsFile | None = None
    """None: all secrets come from the environment."""

    tink: TinkSettings | None
    plaid: PlaidSettings | None
    rates: NorgesBankSettings
    bankid: BankIdSetup
    passkeys: RelyingParty
    sandbox: bool
    """Tink and Plaid are played by the sandbox bank, whose addresses are known once it runs."""
    sandbox_port: int

    mail: MailSettings
    guard: GuardSettings

    sync_interval_s: float
    pace: Pace
    job_lease_s: float
    job_beat_s: float
    job_concurrency: int

    log_level: str
    log_format: str

    @property
    def local_url(self) -> str:
        """How a program on this machine reaches us."""
        return _local(self.host, self.port)

    @property
    def embedded(self) -> bool:
        return self.database_url is None

    def ring(self, name: RingName) -> KeyRing:
        rings = {
            RingName.ENCRYPTION: self.encryption_keys,
            RingName.JWT: self.jwt_keys,
            RingName.REFRESH: self.refresh_keys,
        }
        return rings[name]

    def pointed_at(
        self, *, tink_url: str, tink_link_url: str, plaid_url: str, rates_url: str | None = None
    ) -> Self:
        """The same settings, with the providers where the sandbox bank turned out to be."""
        if self.tink is None or self.plaid is None:
            raise ValueError("these settings ask for no sandbox bank")
        return msgspec.structs.replace(
            self,
            tink=replace(self.tink, api_url=tink_url, link_url=tink_link_url),
            plaid=replace(self.plaid, api_url=plaid_url),
            rates=replace(self.rates, url=rates_url or self.rates.url),
        )


def home_of(environment: Mapping[str, str]) -> Path | None:
    """The folder of an embedded installation; None with a database of one's own."""
    if environment.get("DALER_DATABASE_URL", "").strip():
        return None
    return values.folder(environment.get("DALER_HOME", "").strip() or HOME)


def load_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings; an embedded installation gets its secrets file at the first start.

    Raises:
        SettingsError: everything that is wrong, a sentence each.
    """
    home = home_of(environment)
    if home is None:
        return read_settings(environment)
    path = home / ".env"
    secrets_file.refuse_half_restored(home)
    found = secrets_file.read(path)
    fresh = secrets_file.fresh_secrets()
    # First see whether all is well: a misspelt setting must not leave a folder behind.
    settings = read_settings(_over(_over(fresh, found), environment))
    wanted = secrets_file.missing(fresh, found, environment)
    if wanted:
        kept = secrets_file.complete(path, {name: fresh[name] for name in wanted})
        settings = read_settings(_over(kept, environment))
    ours = frozenset(secrets_file.missing(secrets_file.RINGS, environment))
    return msgspec.structs.replace(settings, secrets_file=SecretsFile(path, ours))


def read_settings(texts: Mapping[str, str]) -> Settings:
    """Raises SettingsError."""
    source = SettingsSource(texts)
    settings = _settings(source)
    source.finish()
    return settings


def _settings(source: SettingsSource) -> Settings:
    home = source.read("DALER_HOME", values.folder, values.folder(HOME))
    host = source.read("DALER_HOST", values.host, "127.0.0.1")
    port = source.read("DALER_PORT", values.port, 8000)
    public_url = source.read("DALER_PUBLIC_URL", values.web_address, _local(host, port))
    web_origins = source.read("DALER_WEB_ORIGINS", values.origins, NO_ORIGINS)
    database_url = source.optional("DALER_DATABASE_URL", values.postgres_address)
    owner_url = source.optional("DALER_DATABASE_OWNER_URL", values.postgres_address)
    if owner_url is not None and source.text("DALER_DATABASE_URL") is None:
        source.refuse("DALER_DATABASE_OWNER_URL needs DALER_DATABASE_URL beside it: set both")
    tink, plaid, sandbox = providers(
        source, public_url, _local(host, port), embedded=database_url is None
    )
    keys = server_secrets(source)
    lease = source.read("DALER_JOB_LEASE_S", values.seconds, 20.0)
    beat = source.read("DALER_JOB_BEAT_S", values.seconds, 5.0)
    if beat * 2 > lease:
        source.refuse(
            f"DALER_JOB_BEAT_S is {beat:g}: write at most half of DALER_JOB_LEASE_S ({lease:g}),"
            " or one late heartbeat loses a job's lease"
        )
    return Settings(
        home=home,
        guard=guard_settings(source, host, public_url),
        mail=mail_settings(source, home, embedded=database_url is None),
        host=host,
        port=port,
        public_url=public_url,
        docs=source.read("DALER_DOCS", values.one_of("on", "off"), "on") == "on",
        trusted_proxies=source.read("DALER_TRUSTED_PROXIES", values.networks, ()),
        web_origins=web_origins,
        database_url=database_url,
        database_owner_url=owner_url or database_url,
        redis_url=source.optional("DALER_REDIS_URL", values.redis_address),
        encryption_keys=keys.encryption,
        jwt_keys=keys.jwt,
        refresh_keys=keys.refresh,
        lookup_key=keys.lookup,
        cursor_key=keys.cursor,
        tink=tink,
        plaid=plaid,
        rates=rates(source, sandbox=sandbox),
        bankid=bankid(source, public_url),
        passkeys=relying_party(source, public_url, web_origins),
        sandbox=sandbox,
        sandbox_port=source.read("DALER_SANDBOX_PORT", values.port, 0),
        sync_interval_s=source.read("DALER_SYNC_INTERVAL_S", values.seconds, 21_600.0),
        pace=pace(source),
        job_lease_s=lease,
        job_beat_s=beat,
        job_concurrency=source.read("DALER_JOB_CONCURRENCY", values.whole(1, 256), 4),
        log_level=source.read("DALER_LOG_LEVEL", values.one_of(*LOG_LEVELS), "info"),
        log_format=source.read(
            "DALER_LOG_FORMAT",
            values.one_of("json", "console"),
            "console" if database_url is None else "json",
        ),
    )


def _local(host: str, port: int) -> str:
    return f"http://{_in_url(host)}:{port}"


def _in_url(host: str) -> str:
    """How a browser on this machine spells the address we listen on."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104  # compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _over(lower: Mapping[str, str], upper: Mapping[str, str]) -> Mapping[str, str]:
    """Both; the upper one wins, except where it says nothing."""
    said = {name: text for name, text in upper.items() if text.strip() or name not in lower}
    return {**lower, **said}
