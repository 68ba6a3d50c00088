"""Which open suggestions still mean something."""


def stands(pending: str) -> str:
    """A condition on `asked`, its `booked` entry, and the other one, which is called `pending`.

    Both are there, on one account, as they were asked about. Two that feeds of one account tell
    of are told of by feeds still, and no feed says that they are two by telling of both.
    """
    return f"""
        {pending}.removed is null and booked.removed is null and booked.status = 'booked'
        and booked.account_id = {pending}.account_id
        and ({pending}.status = 'pending' or asked.between_feeds
            -- Once several feeds tell of the account, all of them together say what is one.
            or (coalesce((asked.evidence ->> 'between_files')::boolean, false) and not exists (
                select from entry_tellings mine
                where mine.user_id = asked.user_id and mine.entry_id = {pending}.id)))
        and (not asked.between_feeds or (
            exists (
                select from entry_tellings mine
                where mine.user_id = asked.user_id and mine.entry_id = {pending}.id)
            and exists (
                select from entry_tellings theirs
                where theirs.user_id = asked.user_id and theirs.entry_id = booked.id)
            and not exists (
                select from entry_tellings mine
                join entry_tellings theirs on theirs.user_id = mine.user_id
                    and theirs.entry_id = booked.id and theirs.feed_id = mine.feed_id
                where mine.user_id = asked.user_id and mine.entry_id = {pending}.id
                    and mine.removed is null)))
    """  # noqa: S608 - words of ours
