"""Every column that holds something sealed. A test compares this list with the tables.

Whoever adds a column of bytes adds it here, with what its seal is bound to, or to NOT_SEALED with
the reason; otherwise nothing would take it along to a new key, and the old one would be thrown
away with somebody's data under it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedColumn:
    """`purpose`, `owner` and `row` are those of the SealContext that the value was sealed in."""

    table: str
    column: str
    purpose: str
    key: tuple[str, ...]
    """The primary key."""
    owner: str = "user_id"
    row: str
    """A column of ids; of one that holds digests, the first 16 bytes."""
    walled: bool = True
    """Whether the rows are somebody's, and only seen on their behalf."""
    batch: int = 200
    """How many values are in memory at once, and locked by one transaction."""

    @property
    def name(self) -> str:
        return f"{self.table}.{self.column}"


_ONE = ("user_id",)
_OWN = ("user_id", "id")

SEALED: Final = (
    SealedColumn(table="people", column="name", purpose="identity.name", key=_ONE, row="user_id"),
    SealedColumn(table="people", column="email", purpose="identity.email", key=_ONE, row="user_id"),
    SealedColumn(
        table="totps", column="secret", purpose="identity.totp_secret", key=_OWN, row="id"
    ),
    SealedColumn(
        table="passkeys", column="name", purpose="identity.passkey_name", key=_OWN, row="id"
    ),
    SealedColumn(
        table="bankid_links",
        column="number",
        purpose="identity.national_number",
        key=_OWN,
        row="id",
    ),
    SealedColumn(
        table="bankid_links", column="born_on", purpose="identity.birth_date", key=_OWN, row="id"
    ),
    SealedColumn(
        table="bankid_links", column="name", purpose="identity.verified_name", key=_OWN, row="id"
    ),
    SealedColumn(
        table="sign_in_challenges",
        column="origin",
        purpose="identity.challenge_origin",
        key=("hash",),
        row="id",
        walled=False,
    ),
    SealedColumn(
        table="confirmations",
        column="sealed",
        purpose="identity.confirmation",
        key=("id",),
        owner="id",
        row="id",
        walled=False,
    ),
    SealedColumn(
        table="api_keys",
        column="name",
        purpose="identity.api_key_name",
        key=("hash",),
        row="session_id",
        walled=False,
    ),
    SealedColumn(
        table="connection_secrets",
        column="access",
        purpose="connections.access",
        key=("user_id", "connection_id"),
        row="connection_id",
    ),
    SealedColumn(
        table="webhook_deliveries",
        column="body",
        purpose="connections.webhook",
        key=("id",),
        owner="id",
        row="id",
        walled=False,
    ),
    SealedColumn(
        table="page_bodies",
        column="raw",
        purpose="feeds.raw_page",
        key=("user_id", "feed_id", "sha256"),
        row="sha256",
        batch=20,
    ),
    SealedColumn(
        table="imports",
        column="file_sealed",
        purpose="ledger.import_file",
        key=_OWN,
        row="id",
        batch=4,
    ),
)

_DIGEST: Final = "a digest"
_HMAC: Final = "a keyed hash; the key that made it never changes"

NOT_SEALED: Final[Mapping[str, str]] = {
    "account_statements.fingerprint": _DIGEST,
    "api_keys.hash": _DIGEST,
    "audit_heads.hash": _DIGEST,
    "audit_log.hash": _DIGEST,
    "audit_log.payload": "ids and codes, in clear so that anybody can check the chain",
    "audit_log.payload_hash": _DIGEST,
    "audit_log.previous": _DIGEST,
    "bankid_attempts.browser_digest": _DIGEST,
    "bankid_attempts.nonce_digest": _DIGEST,
    "bankid_attempts.state_digest": _DIGEST,
    "bankid_directory.key_hmac": _HMAC,
    "confirmations.token_hash": _DIGEST,
    "feed_pages.sha256": _DIGEST,
    "guarded_counts.account": _HMAC,
    "guarded_counts.key": _HMAC,
    "idempotency_keys.request_hash": _DIGEST,
    "idempotency_keys.result": "a reply of a use case that returns no secret",
    "imports.file_sha256": _DIGEST,
    "known_devices.token_hash": _DIGEST,
    "link_attempts.return_digest": _DIGEST,
    "link_attempts.state_digest": _DIGEST,
    "login_directory.email_hmac": _HMAC,
    "mail_turns.email_hmac": _HMAC,
    "page_bodies.observations": "what the ledger shows its owner anyway, behind the same wall",
    "page_bodies.sha256": _DIGEST,
    "passkey_challenges.bound_to": "an id, or a digest",
    "passkey_challenges.hash": _DIGEST,
    "passkey_directory.credential_hash": _DIGEST,
    "passkey_handles.handle": "random; authenticators keep it in clear",
    "passkeys.credential_id": "a public name of a public key",
    "passkeys.public_key": "a public key",
    "recovery_codes.code_hmac": _HMAC,
    "refresh_tokens.hash": _DIGEST,
    "refresh_tokens.successor_hash": _DIGEST,
    "sign_in_challenges.hash": _DIGEST,
}
