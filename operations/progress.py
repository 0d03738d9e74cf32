"""What a person sees on stderr while steps run, here or on AWS.

A line for each step that is over; on a terminal besides a live one for what is going on.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.status import Status


class Progress:
    """Lines that stay and one that changes. Every text is shown as it is written.

    width: how many letters the longest name of a step has.
    """

    def __init__(self, quiet: bool, width: int = 13) -> None:
        self.width = width
        self._console = Console(stderr=True, quiet=quiet, highlight=False, soft_wrap=True)
        self._status = Status("starting", console=self._console)
        self._current = ""

    def __enter__(self) -> Progress:
        self._status.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._status.stop()

    def say(self, text: str) -> None:
        """A line that stays."""
        self._console.print(text, markup=False)

    def over(self, name: str, succeeded: bool, seconds: float, note: str) -> None:
        """The line of a step that has ended."""
        mark = "[green]✓[/]" if succeeded else "[red]✗[/]"
        line = f"{escape(name.ljust(self.width))} {seconds:6.1f} s  {escape(note)}"
        self._console.print(f"  {mark} {line.rstrip()}")

    def quote(self, lines: Iterable[str]) -> None:
        """Lines of a job's log, below the line of its step."""
        for line in lines:
            self._console.print(f"      [dim]{escape(line.expandtabs(2))}[/]")

    def now(self, text: str) -> None:
        """What is going on."""
        self._current = escape(text)
        self._status.update(self._current)

    def detail(self, text: str) -> None:
        """The newest of what it tells, beside it."""
        self._status.update(f"{self._current}  [dim]{escape(text.expandtabs(2)[:90])}[/]")
