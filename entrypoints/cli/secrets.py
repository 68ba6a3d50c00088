"""`daler secrets`: keys, in an open house."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from application.secrets.check_keys import CheckKeys
from application.secrets.jobs import ResealJob
from application.secrets.retire_encryption_keys import RetireEncryptionKeys
from application.secrets.rotate_encryption import (
    EncryptionTurned,
    RotateEncryption,
    RotateEncryptionCommand,
    Step,
)
from application.secrets.rotate_token_keys import (
    KeysTurned,
    RotateTokenKeys,
    RotateTokenKeysCommand,
)
from application.shared.jobs import JobBoard, JobState, JobView
from domain.secrets.health import Finding, of_ring
from domain.secrets.ring import RingName, waiting
from domain.shared.secret import Secret
from entrypoints.cli.say import complain, say
from entrypoints.composition.house import House
from entrypoints.composition.running import work

LOOK_EVERY_S: Final = 0.1
SOON: Final = timedelta(seconds=10)
LOOKED_AT: Final = 1_000
FOLLOWED: Final = (
    "A Daler that runs in this home uses them from now on; one that was given keys in its"
    " environment, or is of an older version, has to be restarted."
)


async def validate(house: House, stop: asyncio.Event) -> int:
    """Say what there is to say; the exit code is 1 when somebody has to do something."""
    del stop
    say("5 secrets, each of 32 random bytes, none of them twice")
    if house.settings.secrets_file is not None:
        say(f"{house.settings.secrets_file.path} can be read by its owner only")
    return tell(await (await house.container.get(CheckKeys))())


async def rotate_jwt(house: House, stop: asyncio.Event, *, compromised: bool) -> int:
    del stop
    rotate = await house.container.get(RotateTokenKeys)
    turned = await rotate(RotateTokenKeysCommand(compromised=compromised))
    _hand_over(turned.to_set)
    if any(waiting(ring) for ring in turned.rings.values()):
        complain(
            "the new keys are at the end of their rings, where they verify and sign nothing: once"
            " every process has been restarted with them, run 'daler secrets rotate-jwt' again"
        )
        return 0
    if compromised and turned.to_set:
        complain(
            "a process that has not been restarted still believes whoever has the old keys:"
            " restart every one of them now"
        )
    if compromised:
        say("The old keys verify nothing any more. Apps that are refused refresh by themselves.")
    _tell_rings(turned)
    if not turned.to_set:
        say(FOLLOWED)
    return 0


async def rotate_encryption(
    house: House, stop: asyncio.Event, *, retire: bool, further: bool
) -> int:
    if retire:
        return await _retire(house)
    rotate = await house.container.get(RotateEncryption)
    turned = await rotate(RotateEncryptionCommand(further=further))
    _hand_over(turned.to_set)
    if turned.step is not Step.RESEALING:
        complain(_next_step(turned))
        return 0
    say(f"Encryption key {turned.ring[0].id} seals from now on. Under older keys: {turned.left}.")
    if house.settings.secrets_file is None:
        complain("'daler worker' takes them along; 'daler secrets validate' says how far it is")
        return 0
    return await _until_resealed(house, stop)


def tell(findings: Sequence[Finding]) -> int:
    for finding in findings:
        if not finding.wrong:
            say(finding.text)
    wrong = [finding.text for finding in findings if finding.wrong]
    for text in wrong:
        complain(text)
    return 1 if wrong else 0


async def _retire(house: House) -> int:
    retired = await (await house.container.get(RetireEncryptionKeys))()
    _hand_over(retired.to_set)
    newest = retired.rings[RingName.ENCRYPTION][0].id
    complain(
        f"encryption key {newest} is the only one now; older backups need the keys that are in"
        " them, and have them"
    )
    return 0


def _next_step(turned: EncryptionTurned) -> str:
    if turned.step is Step.HANDED_OUT:
        return (
            "the new key is at the end of the ring, where it opens and seals nothing: once every"
            " process has been restarted with it, run 'daler secrets rotate-encryption' again"
        )
    return (
        "the new key is in front: once every process has been restarted with it, run 'daler"
        " secrets rotate-encryption' again, and older values are taken along"
    )


async def _until_resealed(house: House, stop: asyncio.Event) -> int:
    """With a worker of our own, for there need not be another."""
    working = asyncio.create_task(work(house.container, house.settings, stop))
    board = await house.container.get(JobBoard)
    try:
        while left := await _unfinished(board):
            if any(job.state is JobState.DEAD for job in left):
                complain("the job was given up: 'daler jobs dead' says why, and 'requeue' goes on")
                return 1
            if all(job.run_at > datetime.now(UTC) + SOON for job in left):
                complain("some values were being changed; the job looks for them in a minute")
                return 0
            if stop.is_set():
                complain("stopped; the job goes on where it was when a worker runs")
                return 1
            await asyncio.sleep(LOOK_EVERY_S)
    finally:
        stop.set()
        await working
    return tell(await (await house.container.get(CheckKeys))())


async def _unfinished(board: JobBoard) -> Sequence[JobView]:
    return [
        job
        for state in (JobState.READY, JobState.LEASED, JobState.DEAD)
        for job in await board.list(state, LOOKED_AT)
        if job.name == ResealJob.name
    ]


def _tell_rings(turned: KeysTurned) -> None:
    for name, ring in turned.rings.items():
        for finding in of_ring(name, ring, datetime.now(UTC)):
            say(finding.text)


def _hand_over(to_set: Mapping[str, Secret]) -> None:
    """The settings alone go to the standard output, so that they can be sent on from there."""
    if to_set:
        complain("set these in the environment of every process, then restart all of them:")
    for name, text in to_set.items():
        say(f"{name}={text.reveal()}")
