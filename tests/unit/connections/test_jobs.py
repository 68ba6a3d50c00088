from dataclasses import asdict
from uuid import UUID

import msgspec
import pytest

from application.connections.jobs import (
    FindOutOfStepJob,
    KeepInStepJob,
    PurgeRawPagesJob,
    RevokeConnectionJob,
    SyncConnectionJob,
)
from application.connections.sync_progress import SyncProgress, progress_from
from application.shared.feeds import FeedPage
from application.shared.jobs import Job
from domain.shared.ids import ConnectionId, ExternalId, FeedId, UserId
from domain.shared.observations import Observations
from tests.support.observations import a_page, an_account

ANNA = UserId(UUID(int=1))
HERS = ConnectionId(UUID(int=2))


def test_an_account_that_is_shown_on_every_page_is_one() -> None:
    pages = [
        FeedPage(b"", Observations(accounts=tuple(an_account(id=ExternalId(one)) for one in names)))
        for names in (("a", "b"), ("a",), ("b", "c", "c"))
    ]
    half = progress_from(SyncProgress(wanted=1).after(pages[:2], "next").to_text())
    assert half is not None
    assert half.accounts == 2
    assert half.after(pages[2:], None).accounts == 3


@pytest.mark.parametrize(
    "job",
    [
        SyncConnectionJob(user_id=ANNA, connection_id=HERS, waited=3),
        KeepInStepJob(user_id=ANNA, connection_id=HERS),
        FindOutOfStepJob(),
        RevokeConnectionJob(user_id=ANNA, connection_id=HERS, erase=True),
        PurgeRawPagesJob(user_id=ANNA, feed_id=FeedId(UUID(int=3))),
    ],
    ids=lambda job: job.name,
)
def test_a_job_survives_its_row(job: Job) -> None:
    row = msgspec.json.decode(msgspec.json.encode(asdict(job)))

    assert msgspec.convert(row, type(job)) == job


def test_progress_survives_its_row() -> None:
    progress = SyncProgress(wanted=2).after([FeedPage(b"", a_page("a", "b"))], "next")

    assert progress == SyncProgress(wanted=2, position="next", transactions=2)
    assert progress_from(progress.to_text()) == progress


@pytest.mark.parametrize("text", [None, "", "7", "[]", "{}", '{"wanted":1,"from":"elsewhere"}'])
def test_progress_that_cannot_be_understood_begins_afresh(text: str | None) -> None:
    assert progress_from(text) is None


def test_an_empty_list_of_everything_pending_says_something() -> None:
    silence, none_pending = Observations(), Observations(lists_all_pending=True)

    assert not SyncProgress(1).after([FeedPage(b"", silence)], None).says_something
    assert SyncProgress(1).after([FeedPage(b"", none_pending)], None).says_something
