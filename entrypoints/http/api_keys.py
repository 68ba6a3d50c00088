"""Keys with which a person's own programs call, with no more rights than they need."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from dishka import FromDishka
from dishka.integrations.litestar import DishkaRouter
from litestar import Router, delete, get, post
from litestar.params import FromPath, JSONBody

from application.identity.api_keys.create_api_key import (
    CreateApiKey,
    CreateApiKeyCommand,
    NewApiKey,
)
from application.identity.api_keys.list_api_keys import ApiKeyView, ListApiKeys, ListApiKeysQuery
from application.identity.api_keys.revoke_api_key import RevokeApiKey, RevokeApiKeyCommand
from application.shared.caller import Caller, FreshCaller
from domain.identity.api_key import DAYS_MAX
from domain.shared.ids import SessionId
from domain.shared.scopes import Scope
from entrypoints.http.envelope import Data
from entrypoints.http.scoped import NO_KEY

KeyNameIn = Annotated[
    str,
    msgspec.Meta(
        min_length=1, max_length=240, description="What it is for.", examples=["My spreadsheet"]
    ),
]
ScopesIn = Annotated[
    tuple[Scope, ...],
    msgspec.Meta(min_length=1, max_length=32, description="What it may do, and nothing else."),
]
DaysIn = Annotated[int, msgspec.Meta(ge=1, le=DAYS_MAX, examples=[90])]


class WantedKey(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    name: KeyNameIn
    scopes: ScopesIn
    expires_in_days: DaysIn


class MadeKey(msgspec.Struct, frozen=True):
    """Send `key` as `Authorization: Bearer ...`. It is shown this once."""

    id: UUID
    key: str
    name: str
    scopes: Sequence[Scope]
    created_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, made: NewApiKey) -> "MadeKey":
        return cls(
            id=made.id,
            key=made.key.reveal(),
            name=made.name,
            scopes=sorted(made.scopes),
            created_at=made.created_at,
            expires_at=made.expires_at,
        )


@post("/me/api-keys", name="api_keys.create", scope=NO_KEY, limit="sensitive")
async def create_api_key(
    data: JSONBody[WantedKey], caller: FromDishka[FreshCaller], create: FromDishka[CreateApiKey]
) -> Data[MadeKey]:
    """Make a key for a program of yours.

    Only its hash is kept: if the answer gets lost, revoke the key and make another.
    """
    command = CreateApiKeyCommand(caller, data.name, data.scopes, data.expires_in_days)
    return Data(MadeKey.of(await create(command)))


@get("/me/api-keys", name="api_keys.list", scope=NO_KEY)
async def list_api_keys(
    caller: FromDishka[Caller], keys: FromDishka[ListApiKeys]
) -> Data[Sequence[ApiKeyView]]:
    """The keys that work, the newest first; never the keys themselves."""
    return Data(await keys(ListApiKeysQuery(caller)))


@delete("/me/api-keys/{key_id:uuid}", name="api_keys.revoke", scope=NO_KEY, limit="sensitive")
async def revoke_api_key(
    key_id: FromPath[UUID], caller: FromDishka[FreshCaller], revoke: FromDishka[RevokeApiKey]
) -> None:
    """Revoke a key. It is refused from its next request on. Takes a fresh proof that it is you."""
    await revoke(RevokeApiKeyCommand(caller, SessionId(key_id)))


def api_keys_router() -> Router:
    return DishkaRouter(
        "/api/v1",
        route_handlers=[create_api_key, list_api_keys, revoke_api_key],
        tags=["api keys"],
    )
