from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from application.identity.ports import AccessTokenIssuer, IdentityTx
from application.identity.signing_in.devices import RememberDevice
from application.identity.signing_in.tokens import SignedIn, signed_in
from application.shared.chance import Chance, NewIds
from domain.identity.refresh import RefreshToken, could_be_one, hash_of
from domain.identity.session import Ended, Method, Origin, Session, making_room
from domain.shared.ids import SessionId, UserId
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class SessionOpening:
    """The one place where a session begins, whatever it was that the person proved.

    It runs inside the caller's transaction, which commits.
    """

    issuer: AccessTokenIssuer
    ids: NewIds
    chance: Chance

    @property
    def remember(self) -> RememberDevice:
        return RememberDevice(self.ids, self.chance)

    async def __call__(
        self,
        tx: IdentityTx,
        user_id: UserId,
        origin: Origin,
        methods: Collection[Method],
        now: datetime,
    ) -> SignedIn:
        """Raises AccountNotActiveError, PersonNotFoundError."""
        # Held, so that whoever is banned at this moment gets no session that outlives the ban.
        (await tx.people.hold(user_id)).ensure_active()
        session = Session.begin(SessionId(self.ids.one()), user_id, origin, now, methods)
        await self._end_held(tx, session, origin.held, now)
        opened = await self._open(tx, session, now)
        proof = "+".join(sorted(session.methods))
        await tx.audit.record(
            user_id, "identity.logged_in", {"session": str(session.id), "with": proof}
        )
        device = await self.remember(tx, user_id, origin.device_token, now)
        return replace(opened, device_token=device)

    async def in_place_of(
        self, tx: IdentityTx, session: Session, origin: Origin, by: Method, now: datetime
    ) -> SignedIn:
        """The session that follows one whose person has signed in again in it.

        Whatever stood for the former is refused from now on, so that nobody who held a copy gains
        by the new proof.

        Raises AccountNotActiveError, PersonNotFoundError.
        """
        (await tx.people.hold(session.user_id)).ensure_active()
        follower = session.followed_by(SessionId(self.ids.one()), origin, by, now)
        await self._end(tx, session, follower, now)
        opened = await self._open(tx, follower, now)
        if origin.device_token is None:
            return opened  # it was given one when it signed in, and keeps it
        device = await self.remember(tx, session.user_id, origin.device_token, now)
        return replace(opened, device_token=device)

    async def _end_held(
        self, tx: IdentityTx, session: Session, held: Secret | None, now: datetime
    ) -> None:
        """A browser keeps one session: what it had of this person would be lost and live on."""
        token = None
        if held is not None and could_be_one(held):
            token = await tx.refresh_tokens.get(hash_of(held))
        if token is None or token.user_id != session.user_id:
            return
        before = await tx.sessions.get(token.session_id)
        if before.alive(now):
            await self._end(tx, before, session, now)

    async def _end(
        self, tx: IdentityTx, session: Session, follower: Session, now: datetime
    ) -> None:
        await tx.sessions.save(session.end(Ended.SUPERSEDED, now))
        facts = {"session": str(session.id), "by": str(follower.id)}
        await tx.audit.record(session.user_id, "identity.session_ended", facts)

    async def _open(self, tx: IdentityTx, session: Session, now: datetime) -> SignedIn:
        token = self.chance.token()
        refresh = RefreshToken.issue(token, session, now)
        for oldest in making_room(await tx.sessions.living(now)):
            await tx.sessions.save(oldest.end(Ended.SUPERSEDED, now))
        await tx.sessions.add(session)
        await tx.refresh_tokens.add(refresh)
        return signed_in(session, self.issuer, token, refresh, now)
