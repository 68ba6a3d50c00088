class BackupError(Exception):
    """A backup cannot be made or used; the message is one sentence for a person."""
