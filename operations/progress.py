"""Progress of an execution on stderr: a line for each step that has ended.

On a terminal, a status line shows what is running.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.spinner import Spinner
from rich.text import Text

from operations.execution_summary import StepSummary

_FRAMES_PER_SECOND = 12.5


class Progress:
    """Printed lines and a status line; markup in texts is escaped.

    width: the length of the longest step name.
    """

    def __init__(self, *, quiet: bool, width: int = 13) -> None:
        self.width = width
        self._console = Console(stderr=True, quiet=quiet, highlight=False, soft_wrap=True)
        self._status, self._detail = "starting", ""
        self._spinner = Spinner("dots", style="status.spinner")
        self._live = Live(
            get_renderable=self._line,
            console=self._console,
            refresh_per_second=_FRAMES_PER_SECOND,
            transient=True,
        )

    def __enter__(self) -> Progress:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._live.stop()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave the terminal to a program while the block runs."""
        self._live.stop()
        try:
            yield
        finally:
            self._live.start()

    def print_line(self, text: str) -> None:
        """Print a line."""
        self._console.print(text, markup=False)

    def print_step(self, step: StepSummary, log: Iterable[str] = (), more: str = "") -> None:
        """Print the line of a step that has ended.

        If it failed, also lines of its log that don't repeat the reason, and where the rest is.
        """
        mark = "[green]✓[/]" if step.succeeded else "[red]✗[/]"
        line = f"{escape(step.name.ljust(self.width))} {step.seconds:6.1f} s  {escape(step.note)}"
        self._console.print(f"  {mark} {line.rstrip()}")
        shown = step.note.splitlines()
        for text in log:
            if text.removeprefix("error: ").rstrip() not in shown:
                self._console.print(f"      [dim]{escape(text.expandtabs(2))}[/]")
        if more:
            self._console.print(f"      {escape(more)}")

    def set_status(self, text: str) -> None:
        """Show what is running."""
        self._status, self._detail = text, ""

    def set_detail(self, text: str) -> None:
        """Show a line of a job's output next to what is running."""
        self._detail = Text.from_ansi(text.expandtabs(2)).plain

    def _line(self) -> Text:
        """Return the status line, which ends at the edge of the terminal."""
        self._spinner.update(text=Text.assemble(f"{self._status}  ", (self._detail, "dim")))
        line = self._spinner.render(self._console.get_time())
        assert isinstance(line, Text)
        line.no_wrap, line.overflow = True, "ellipsis"
        return line
