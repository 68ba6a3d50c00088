"""One mail for each notice, and never two: over memory and PostgreSQL."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast
from uuid import UUID

import pytest
from typing_extensions import override

from adapters.mail.letters import jinja_letters
from adapters.memory.identity.begin import BeginMemoryIdentityTx
from adapters.memory.identity.settings import BeginMemorySettingsTx
from adapters.memory.mailbox import MemoryMailbox
from adapters.postgres.identity.begin import BeginPostgresIdentityTx
from adapters.postgres.identity.settings import BeginPostgresSettingsTx
from application.identity.jobs import SendConsentNoticeJob
from application.identity.mail.mails import (
    Mail,
    Mailer,
    MailOutcome,
    MailRefusedError,
    MailUnavailableError,
)
from application.identity.mail.send_consent_notice import SendConsentNotice
from application.identity.ports import BeginIdentityTx
from application.identity.profile.settings_ports import BeginSettingsTx
from application.shared.jobs import JobState, LeasedJob
from domain.identity.settings import Channel, Choices, Notice
from domain.shared.ids import UserId
from domain.shared.notices import NoticeId, NoticeKind
from entrypoints.worker.handlers import handler_of
from tests.support.identity import EMAIL, World
from tests.support.mortal import DeathError, Fate, Mortal, mortal_begin
from tests.support.post import Post

UNTIL = datetime(2026, 5, 31, 22, 30, tzinfo=UTC)
"""The first of June in Oslo."""


@dataclass(slots=True)
class Sender:
    post: Post
    settings: BeginSettingsTx
    person: UserId

    async def due(self, kind: NoticeKind = NoticeKind.RENEWAL_OFFERED, number: int = 1) -> None:
        job = SendConsentNoticeJob(
            user_id=self.person,
            notice_id=NoticeId(UUID(int=number)),
            kind=kind,
            until_s=int(UNTIL.timestamp()),
        )
        async with self.post.world.begin(self.person) as tx:
            await tx.jobs.enqueue(job)
            await tx.commit()

    async def claim(self) -> LeasedJob:
        (claimed,) = await self.post.board.claim(1)
        return claimed

    async def run(self, claimed: LeasedJob, use_case: SendConsentNotice | None = None) -> object:
        handle = handler_of(SendConsentNoticeJob, use_case or self.use_case())
        return await handle(claimed.payload, claimed.lease)

    def use_case(
        self, begin: BeginIdentityTx | None = None, mailer: Mailer | None = None
    ) -> SendConsentNotice:
        letters = jinja_letters("https://daler.example")
        return SendConsentNotice(
            begin or self.post.world.begin, self.settings, letters, mailer or self.post.mailbox
        )

    async def again(self, claimed: LeasedJob) -> LeasedJob:
        await self.post.board.retry(claimed.lease, self.post.world.clock.now(), "test")
        return await self.claim()

    @property
    def mails(self) -> list[Mail]:
        return self.post.mailbox.to(EMAIL)


@pytest.fixture
async def sender(world: World) -> Sender:
    person = await world.registers()
    settings: BeginSettingsTx
    match world.begin:
        case BeginMemoryIdentityTx(database):
            settings = BeginMemorySettingsTx(database)
        case BeginPostgresIdentityTx(database, cipher):
            settings = BeginPostgresSettingsTx(database, cipher)
        case other:
            raise TypeError(other)
    return Sender(Post.of(world), settings, person.id)


@pytest.mark.parametrize("kind", list(NoticeKind))
async def test_each_notice_becomes_one_mail_in_the_persons_language(
    sender: Sender, kind: NoticeKind
) -> None:
    await sender.due(kind)

    assert await sender.run(await sender.claim()) is MailOutcome.SENT

    (mail,) = sender.mails
    assert "Daler" in mail.text
    assert ("2026-06-01" in mail.text) is (kind is NoticeKind.RENEWAL_OFFERED)


async def test_no_mail_names_the_bank_nor_leads_anywhere_but_home(sender: Sender) -> None:
    for number, kind in enumerate(NoticeKind, start=1):
        await sender.due(kind, number)
        await sender.run(await sender.claim())

    for mail in sender.mails:
        assert mail.text.count("https://") == 1
        assert mail.text.rstrip().endswith("https://daler.example")


async def test_the_same_notice_twice_is_one_mail_and_two_notices_are_two(sender: Sender) -> None:
    for number in (1, 1, 2):
        await sender.due(number=number)

    outcomes = [await sender.run(await sender.claim()) for _ in range(3)]

    assert outcomes == [MailOutcome.SENT, MailOutcome.UNSURE, MailOutcome.SENT]
    assert len(sender.mails) == 2


async def test_who_wants_no_such_mail_gets_none_but_is_told_that_a_bank_was_disconnected(
    sender: Sender,
) -> None:
    async with sender.settings(sender.person) as tx:
        no = Choices({(Notice.CONSENT_EXPIRY, Channel.EMAIL): False})
        await tx.notifications.save(sender.person, no)
        await tx.commit()
    await sender.due(NoticeKind.RENEWAL_REQUIRED, 1)
    assert await sender.run(await sender.claim()) is MailOutcome.NOT_WANTED
    assert sender.mails == []

    await sender.due(NoticeKind.DISCONNECTED, 2)
    assert await sender.run(await sender.claim()) is MailOutcome.SENT


async def test_a_server_that_surely_has_not_taken_it_is_tried_again(sender: Sender) -> None:
    sender.post.mailbox.trouble = MailUnavailableError(maybe_taken=False)
    await sender.due()
    claimed = await sender.claim()
    with pytest.raises(MailUnavailableError):
        await sender.run(claimed)

    assert await sender.run(await sender.again(claimed)) is MailOutcome.SENT
    assert len(sender.mails) == 1


async def test_a_server_that_may_have_taken_it_is_not_tried_again(sender: Sender) -> None:
    sender.post.mailbox.trouble = MailUnavailableError(maybe_taken=True)
    await sender.due()
    claimed = await sender.claim()

    assert await sender.run(claimed) is MailOutcome.UNSURE

    assert (await sender.post.board.get(claimed.lease.job_id)).state is JobState.DONE
    actions = [entry.action for entry in await sender.post.trail(sender.person)]
    assert actions[-1] == "identity.mail_unsure"


async def test_a_mail_refused_for_good_ends_the_job(sender: Sender) -> None:
    sender.post.mailbox.trouble = MailRefusedError(550)
    await sender.due()

    assert await sender.run(await sender.claim()) is MailOutcome.REFUSED


async def test_a_process_that_dies_at_any_step_has_sent_at_most_one(sender: Sender) -> None:
    lost = 0
    for steps in range(200):
        await sender.due(number=1_000 + steps)
        claimed, before = await sender.claim(), len(sender.mails)
        fate = Fate(steps)
        mortal = sender.use_case(
            cast("BeginIdentityTx", mortal_begin(sender.post.world.begin, fate)),
            cast("Mailer", Mortal(sender.post.mailbox, fate)),
        )
        try:
            await sender.run(claimed, mortal)
        except DeathError:
            if (await sender.post.board.get(claimed.lease.job_id)).state is JobState.LEASED:
                await sender.run(await sender.again(claimed))
        else:
            assert steps > 8
            assert lost >= 1, "between the mark and the mail there is a step that loses it"
            return
        sent = len(sender.mails) - before
        assert sent <= 1, steps
        lost += sent == 0
    raise AssertionError("the job has no end")


@dataclass(slots=True)
class SlowMailbox(Mailer):
    box: MemoryMailbox

    @override
    async def send(self, mail: Mail) -> None:
        await asyncio.sleep(0.01)
        await self.box.send(mail)


async def test_two_jobs_for_one_notice_at_once_send_one_mail(sender: Sender) -> None:
    for _ in range(5):
        await sender.due()
    claimed = list(await sender.post.board.claim(5))
    slow = sender.use_case(mailer=SlowMailbox(sender.post.mailbox))

    outcomes = await asyncio.gather(*(sender.run(one, slow) for one in claimed))

    assert outcomes.count(MailOutcome.SENT) == 1
    assert outcomes.count(MailOutcome.UNSURE) == 4
    assert len(sender.mails) == 1
