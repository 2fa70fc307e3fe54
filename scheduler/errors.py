"""What can go wrong in the engine.

SchedulerError
├── RoundError      the round is not a valid round (exit 2)
├── PlanError       the plan cannot be read as a plan (check: exit 1)
├── OutputError     the output folder cannot be written (exit 2)
├── EngineError     the engine asked for is not there (exit 2)
└── SolveError      the engine refuses or fails; nothing is written (exit 3)
"""


class SchedulerError(Exception):
    """Base of everything this engine raises on purpose; its text is one line."""


class RoundError(SchedulerError):
    """Bad input, told by table, row and column.

    Args:
        table: `round.toml` or the table's name.
        message: What is wrong and what would be right.
        row: Row counted from 1, the header not counted; None where no single row is meant.
        column: Column or key; None where no single column is meant.
    """

    def __init__(
        self, table: str, message: str, *, row: int | None = None, column: str | None = None
    ) -> None:
        self.table, self.row, self.column = table, row, column
        where = table
        if row is not None:
            where += f" row {row}"
        if column is not None:
            where += f" column {column}"
        super().__init__(f"{where}: {message}".replace("\n", " ").replace("\r", " "))


class PlanError(SchedulerError):
    """A plan folder that cannot be read; the text names the file and the fix."""


class OutputError(SchedulerError):
    """The output folder exists already or cannot be written."""


class EngineError(SchedulerError):
    """The engine asked for is not known or not installed; the text says how to get it."""


class SolveError(SchedulerError):
    """The engine cannot answer: a refusal (overflow, unsupported rule) or an internal failure."""
