"""A sign-in in two steps: begun with a password, finished with a second proof.

Between the steps nobody is signed in, and nothing that was handed out opens anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from application.identity.ports import BeginIdentityTx, IdentityTx
from application.identity.second_factor.factors import factors_of
from application.identity.second_factor.ports import ChallengeOwners
from application.identity.signing_in.guard import Admitted, Attempt, Guard
from application.identity.signing_in.guarded import note_lock, one_try
from application.identity.signing_in.opening import SessionOpening
from application.identity.signing_in.proofs import Proof
from application.identity.signing_in.tokens import SignedIn
from application.shared.chance import Chance, NewIds
from application.shared.clock import Clock
from domain.identity.challenge import (
    Begun,
    ChallengeId,
    SignInChallenge,
    Waiting,
    could_be_one,
    hash_of,
)
from domain.identity.errors_factors import ChallengeOverError, CodeWrongError, ProofWrongError
from domain.identity.factors import Factors
from domain.identity.password import PasswordCredential
from domain.identity.session import Method, Origin
from domain.shared.ids import UserId
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class SecondFactorAsked:
    """The password was right, and is not enough."""

    challenge: Secret = field(repr=False)
    methods: Sequence[Method]
    expires_in_s: int


@dataclass(frozen=True, slots=True)
class SignInChallenges:
    owners: ChallengeOwners
    begin: BeginIdentityTx
    guard: Guard
    opening: SessionOpening
    ids: NewIds
    chance: Chance
    clock: Clock

    async def issue(
        self,
        tx: IdentityTx,
        password: PasswordCredential,
        begun: Begun,
        factors: Factors,
        now: datetime,
    ) -> SecondFactorAsked:
        """Inside the transaction that found the password right, which commits."""
        token = self.chance.token()
        challenge_id = ChallengeId(self.ids.one())
        challenge = SignInChallenge.begin(challenge_id, token, password, begun, now)
        await tx.challenges.add(challenge)
        await tx.audit.record(
            challenge.user_id, "identity.second_factor_asked", {"challenge": str(challenge_id)}
        )
        left = challenge.expires_at - now
        return SecondFactorAsked(token, factors.methods, int(left.total_seconds()))

    async def waiting(self, challenge: Secret) -> Waiting:
        """Whose it is, whether it can be finished or not.

        Raises:
            ChallengeOverError: nobody's.
        """
        found = None
        if could_be_one(challenge):
            found = await self.owners.waiting(hash_of(challenge))
        if found is None:
            raise ChallengeOverError
        return found

    async def held(self, tx: IdentityTx, user_id: UserId, challenge: Secret) -> SignInChallenge:
        """The challenge if it can still be finished; person and challenge held, in this order.

        Raises:
            ChallengeOverError, AccountNotActiveError
        """
        (await tx.people.hold(user_id)).ensure_active()
        password = await tx.credentials.password_of(user_id)
        found = await tx.challenges.get(hash_of(challenge))
        if found is None:
            raise ChallengeOverError
        # Asked for only now: we may have waited for somebody who was finishing it.
        found.ensure_open(password, self.clock.now())
        return found

    async def finish(self, challenge: Secret, origin: Origin, proof: Proof) -> SignedIn:
        """The session that the person gets for their second proof.

        Raises:
            ChallengeOverError, ProofWrongError, AccountNotActiveError, SignInLockedError
        """
        found = await self.waiting(challenge)
        attempt = Attempt.second_factor(found.user_id, origin.address, found.device)
        async with (
            one_try(self.guard, attempt) as admitted,
            self.begin(found.user_id) as tx,
        ):
            waiting = await self.held(tx, found.user_id, challenge)
            now = self.clock.now()
            try:
                await _judge(tx, waiting.user_id, proof, now)
            except ProofWrongError:
                await _note_miss(tx, waiting, proof.method, admitted)
                raise
            await tx.challenges.save(waiting.finished(now))
            await tx.audit.record(
                waiting.user_id,
                "identity.second_factor_shown",
                {"challenge": str(waiting.id), "moved": origin != waiting.origin},
            )
            methods = (waiting.proved, proof.method)
            # The device said who it is with the password, and need not say so again.
            here = origin.bringing(origin.device_token or waiting.origin.device_token)
            opened = await self.opening(tx, waiting.user_id, here, methods, now)
            await tx.commit()
        return opened


async def _judge(tx: IdentityTx, user_id: UserId, proof: Proof, now: datetime) -> None:
    if proof.method not in (await factors_of(tx)).methods:
        raise CodeWrongError
    await proof(tx, user_id, now)


async def _note_miss(
    tx: IdentityTx, waiting: SignInChallenge, by: Method, admitted: Admitted
) -> None:
    missed = waiting.missed()
    await tx.challenges.save(missed)
    facts = {"challenge": str(waiting.id), "with": by.value, "misses": missed.misses}
    await tx.audit.record(waiting.user_id, "identity.second_factor_refused", facts)
    await note_lock(tx, waiting.user_id, admitted)
    await tx.commit()
