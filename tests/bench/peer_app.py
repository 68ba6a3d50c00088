"""The peer of the HTTP figures: FastAPI, SQLAlchemy's ORM and pydantic, as their manuals teach it.

Asynchronous, on asyncpg, with a session per request from a dependency, entities, and a response
model. The same work: the token is verified, the session looked at, fifty transactions read.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from tests.bench.servers import KEY, ServerTask, run_server

SIGNED_WITH: Final = OctKey.import_key(KEY)
CLAIMS: Final = jwt.JWTClaimsRegistry(exp={"essential": True})


class Base(DeclarativeBase): ...


class Entry(Base):
    __tablename__ = "entries"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    status: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    booked_on: Mapped[date]
    value_on: Mapped[date | None]
    text: Mapped[str]
    counterparty: Mapped[str | None]
    category: Mapped[str]
    note: Mapped[str | None]
    is_split: Mapped[bool]
    removed: Mapped[str | None]
    version: Mapped[int]

    @property
    def amount(self) -> dict[str, str]:
        return {"amount": str(Decimal(self.amount_minor) / 100), "currency": self.currency}


class SignIn(Base):
    __tablename__ = "sessions"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    ended_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]


class AmountOut(BaseModel):
    amount: str
    currency: str


class TransactionOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    account_id: UUID
    status: str
    amount: AmountOut
    booked_on: date
    value_on: date | None
    text: str
    counterparty: str | None
    category: str
    note: str | None
    is_split: bool
    version: int


class PaginationOut(BaseModel):
    next_cursor: str | None
    has_more: bool
    limit: int


class PageOut(BaseModel):
    data: list[TransactionOut]
    pagination: PaginationOut


async def get_db(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.sessions() as session:
        yield session


Db = Annotated[AsyncSession, Depends(get_db)]


async def get_person(
    credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())], db: Db
) -> UUID:
    try:
        claims = jwt.decode(credentials.credentials, SIGNED_WITH, ["HS256"]).claims
        CLAIMS.validate(claims)
    except JoseError as error:
        raise HTTPException(401) from error
    sign_in = await db.get(SignIn, (UUID(claims["sub"]), UUID(claims["sid"])))
    if sign_in is None or sign_in.ended_at is not None or sign_in.expires_at < datetime.now(UTC):
        raise HTTPException(401)
    return sign_in.user_id


async def list_transactions(
    person: Annotated[UUID, Depends(get_person)],
    db: Db,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> PageOut:
    found = await db.scalars(
        select(Entry)
        .where(Entry.user_id == person, Entry.removed.is_(None))
        .order_by(Entry.booked_on.desc(), Entry.id.desc())
        .limit(limit + 1)
    )
    rows = found.all()
    more = len(rows) > limit
    data = [TransactionOut.model_validate(row) for row in rows[:limit]]
    cursor = f"{data[-1].booked_on}:{data[-1].id}" if more else None
    return PageOut(
        data=data, pagination=PaginationOut(next_cursor=cursor, has_more=more, limit=limit)
    )


def peer_app(url: str) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = create_async_engine(url, pool_size=10, max_overflow=0)
        app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
        yield
        await engine.dispose()

    app = FastAPI(lifespan=lifespan)
    app.get("/api/v1/transactions")(list_transactions)
    return app


async def peer(task: ServerTask) -> None:
    await run_server(peer_app(task.url), task.port)


if __name__ == "__main__":
    import uvloop

    from tests.bench.children import told

    uvloop.run(peer(told(ServerTask)))
