"""A sign-in in two steps: begun with a password, finished with a second proof.

Between the steps nobody is signed in, and nothing that was handed out opens anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from application.identity.factors import factors_of
from application.identity.opening import SessionOpening
from application.identity.ports import BeginIdentityTx, IdentityTx
from application.identity.ports_factors import ChallengeOwners
from application.identity.proofs import Proof
from application.identity.tokens import SignedIn
from application.shared.chance import Chance, NewIds
from application.shared.clock import Clock
from domain.identity.challenge import ChallengeId, SignInChallenge, could_be_one, hash_of
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
    opening: SessionOpening
    ids: NewIds
    chance: Chance
    clock: Clock

    async def issue(
        self,
        tx: IdentityTx,
        password: PasswordCredential,
        origin: Origin,
        factors: Factors,
        now: datetime,
    ) -> SecondFactorAsked:
        """Inside the transaction that found the password right, which commits."""
        token = self.chance.token()
        challenge_id = ChallengeId(self.ids.one())
        challenge = SignInChallenge.begin(challenge_id, token, password, origin, now)
        await tx.challenges.add(challenge)
        await tx.audit.record(
            challenge.user_id, "identity.second_factor_asked", {"challenge": str(challenge_id)}
        )
        left = challenge.expires_at - now
        return SecondFactorAsked(token, factors.methods, int(left.total_seconds()))

    async def owner(self, challenge: Secret) -> UserId:
        """Raises ChallengeOverError."""
        owner = None
        if could_be_one(challenge):
            owner = await self.owners.owner_of_challenge(hash_of(challenge))
        if owner is None:
            raise ChallengeOverError
        return owner

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
            ChallengeOverError, ProofWrongError, AccountNotActiveError
        """
        user_id = await self.owner(challenge)
        async with self.begin(user_id) as tx:
            waiting = await self.held(tx, user_id, challenge)
            now = self.clock.now()
            try:
                await _judge(tx, user_id, proof, now)
            except ProofWrongError:
                await self._note_miss(tx, waiting, proof.method)
                raise
            await tx.challenges.save(waiting.finished(now))
            await tx.audit.record(
                user_id,
                "identity.second_factor_shown",
                {"challenge": str(waiting.id), "moved": origin != waiting.origin},
            )
            methods = (waiting.proved, proof.method)
            opened = await self.opening(tx, user_id, origin, methods, now)
            await tx.commit()
        return opened

    async def _note_miss(self, tx: IdentityTx, waiting: SignInChallenge, by: Method) -> None:
        missed = waiting.missed()
        await tx.challenges.save(missed)
        await tx.audit.record(
            waiting.user_id,
            "identity.second_factor_refused",
            {"challenge": str(waiting.id), "with": by, "misses": missed.misses},
        )
        await tx.commit()


async def _judge(tx: IdentityTx, user_id: UserId, proof: Proof, now: datetime) -> None:
    if proof.method not in (await factors_of(tx)).methods:
        raise CodeWrongError
    await proof(tx, user_id, now)
