"""Where a person is signed in, and signing out there."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from dishka import FromDishka
from dishka.integrations.litestar import DishkaRouter
from litestar import Response, Router, delete, get
from litestar.params import FromPath, QueryParameter

from application.identity.sessions.end_session import EndSession, EndSessionCommand
from application.identity.sessions.end_sessions import (
    EndSessions,
    EndSessionsCommand,
    SessionsEnded,
)
from application.identity.sessions.list_sessions import ListSessions, ListSessionsQuery, SessionView
from application.identity.signing_in.freshness import fresh
from application.identity.signing_in.log_out import LogOut, LogOutCommand
from application.shared.caller import Caller, FreshCaller, Standing
from application.shared.clock import Clock
from domain.shared.ids import SessionId
from entrypoints.http.envelope import Data
from entrypoints.http.replies import Reply
from entrypoints.http.scoped import NO_KEY
from entrypoints.http.signed_in import forget_session

Current = Annotated[
    bool, QueryParameter(name="current", description="Whether the session that asks ends, too.")
]


@get("/me/sessions", name="sessions.list", one_factor=True, scope=NO_KEY)
async def list_sessions(
    caller: FromDishka[Caller], sessions: FromDishka[ListSessions]
) -> Data[Sequence[SessionView]]:
    """Where you are signed in, the newest first."""
    return Data(await sessions(ListSessionsQuery(caller)))


@delete(
    "/me/sessions/{session_id:uuid}",
    name="sessions.end",
    one_factor=True,
    scope=NO_KEY,
    limit="sensitive",
)
async def end_session(
    session_id: FromPath[UUID],
    standing: FromDishka[Standing],
    clock: FromDishka[Clock],
    end: FromDishka[EndSession],
    log_out: FromDishka[LogOut],
) -> Response[None]:
    """Sign one device out. It is refused from its next request on.

    For any device but the one that asks, it takes a fresh proof that it is you.
    """
    if session_id == standing.caller.session_id:
        await log_out(LogOutCommand(standing.caller))
        return Reply(None, cookies=forget_session())
    await end(EndSessionCommand(fresh(standing, clock.now()), SessionId(session_id)))
    return Reply(None)


@delete(
    "/me/sessions",
    status_code=200,
    name="sessions.end_others",
    one_factor=True,
    scope=NO_KEY,
    limit="sensitive",
)
async def end_sessions(
    caller: FromDishka[FreshCaller], end: FromDishka[EndSessions], *, current: Current = False
) -> Response[Data[SessionsEnded]]:
    """Sign all other devices out, and with `current=true` this one, too. API keys stay."""
    done = await end(EndSessionsCommand(caller, current))
    return Reply(Data(done), cookies=forget_session() if current else None)


def sessions_router() -> Router:
    return DishkaRouter(
        "/api/v1",
        route_handlers=[list_sessions, end_session, end_sessions],
        tags=["sessions"],
    )
