"""What can go wrong, by who has to act.

ProctorError
├── BadInputError       the call cannot be served as given: exit 2
├── SourceFailedError   the source broke after it had started; what was seen is kept: exit 3
├── FolderFailedError   the folder can no longer be written; what is in it is kept: exit 3
├── SealError           sealed evidence or its key cannot be used (proctor/seal.py): exit 2
└── BrokenLedgerError   a folder's chain does not hold, so nothing is appended to it: exit 2
"""


class ProctorError(Exception):
    """Any failure whose message is meant for the person at the keyboard."""


class BadInputError(ProctorError):
    """The message names the field and the fix."""


class SourceFailedError(ProctorError):
    """The message says how far the source was read."""


class FolderFailedError(ProctorError):
    """The message names the folder and what the system says."""


class BrokenLedgerError(ProctorError):
    """The message names the first line that does not hold."""
