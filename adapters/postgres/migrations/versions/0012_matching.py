"""What the matcher learnt, links with their evidence, suggestions, and what people said of them."""

from typing import Final

from alembic import op

from adapters.postgres.migrations.support import drop, only_the_owner_sees

revision: Final = "0012"
down_revision: Final = "0011"

_LINK: Final = ("method", "confidence", "matcher", "founding", "evidence")


def upgrade() -> None:
    _links()
    _merged()
    _suggestions()
    _words()
    _manners()


def _links() -> None:
    # Constants as defaults: nothing is rewritten, however many there are.
    op.execute("""
        alter table entry_sources
            add column method text not null default 'named',
            add column confidence smallint not null default 100,
            add column matcher smallint not null default 1,
            add column founding boolean not null default true,
            add column evidence jsonb,
            add constraint entry_sources_method_is_known_check check (method in
                ('named', 'exact', 'assigned', 'again', 'person')),
            add constraint entry_sources_confidence_is_per_cent_check
                check (confidence between 0 and 100)
    """)


def _merged() -> None:
    _removed_may_be("by_feed", "by_person", "expired", "merged")
    op.execute(
        "create index entries_lost_idx on entries (user_id, account_id, booked_on)"
        " where removed in ('by_feed', 'by_person')"
    )


def _removed_may_be(*words: str) -> None:
    listed = ", ".join(f"'{word}'" for word in words)
    op.execute("alter table entries drop constraint entries_removed_is_known_check")
    op.execute(
        "alter table entries add constraint entries_removed_is_known_check"
        f" check (removed in ({listed}))"
    )


def _suggestions() -> None:
    op.execute("""
        create table entry_suggestions (
            user_id uuid not null,
            id uuid not null,
            feed_id uuid not null,
            pending_name text not null,
            pending_id uuid not null,
            booked_name text not null,
            booked_id uuid not null,
            confidence smallint not null,
            matcher smallint not null,
            evidence jsonb not null,
            state text not null,
            made_at timestamptz not null,
            decided_at timestamptz,
            constraint entry_suggestions_pkey primary key (user_id, id),
            constraint entry_suggestions_state_is_known_check check (state in
                ('open', 'confirmed', 'dismissed')),
            constraint entry_suggestions_confidence_is_per_cent_check
                check (confidence between 0 and 99),
            constraint entry_suggestions_decided_has_a_time_check check (
                (state = 'open') = (decided_at is null))
        )
    """)
    op.execute(
        "create unique index entry_suggestions_pair_key"
        " on entry_suggestions (user_id, pending_id, booked_id)"
    )
    op.execute(
        "create index entry_suggestions_open_idx on entry_suggestions (user_id, id)"
        " where state = 'open'"
    )
    only_the_owner_sees("entry_suggestions")


def _words() -> None:
    op.execute("""
        create table link_words (
            user_id uuid not null,
            feed_id uuid not null,
            external_id text not null,
            entry_id uuid not null,
            said_at timestamptz not null,
            constraint link_words_pkey primary key (user_id, feed_id, external_id, entry_id)
        )
    """)
    only_the_owner_sees("link_words")


def _manners() -> None:
    op.execute("""
        create table bank_manners (
            user_id uuid not null,
            institution text not null,
            days integer[] not null,
            growth integer[] not null,
            version smallint not null,
            constraint bank_manners_pkey primary key (user_id, institution)
        )
    """)
    only_the_owner_sees("bank_manners")


def downgrade() -> None:
    drop(["bank_manners", "link_words", "entry_suggestions"])
    op.execute("drop index entries_lost_idx")
    # What was merged was taken away; there was one word less for it. A migration may look at
    # everybody for that long.
    op.execute("alter table entries no force row level security")
    op.execute("update entries set removed = 'by_feed' where removed = 'merged'")
    op.execute("alter table entries force row level security")
    _removed_may_be("by_feed", "by_person", "expired")
    for column in _LINK:
        op.execute(f"alter table entry_sources drop column {column}")
