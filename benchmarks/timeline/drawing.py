"""Timelines as an SVG drawing for light and dark backgrounds, and as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from benchmarks.timeline.estimate import OVERHEAD_SECONDS, WAIT_SECONDS, Job, Timeline

_STYLE = """\
    .bg { fill: #ffffff; } .wait { fill: #d5dce6; } .overhead { fill: #7c93b2; } .work { fill: #d9480f; }
    .grid { stroke: #e3e8ee; } .critical { font-weight: 600; }
    .title { font-size: 15px; font-weight: 600; } text { font-size: 13px; fill: #1b2430; } .minutes { fill: #51606f; }
    @media (prefers-color-scheme: dark) {
      .bg { fill: #0d1117; } .wait { fill: #2c3a4b; } .overhead { fill: #6f8fb8; } .work { fill: #ff8a4c; }
      .grid { stroke: #222c38; } text { fill: #e9eef5; } .minutes { fill: #a9b6c6; }
    }
"""  # noqa: E501
_FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"
_MARGIN, _NAMES, _MINUTE, _ROW, _BAR, _TITLE = 24, 110, 30, 24, 15, 34
_LEGEND = (
    ("wait", "waiting for the instance"),
    ("overhead", "image and data"),
    ("work", "work"),
)


def svg(timelines: Sequence[Timeline]) -> str:
    """Return the drawing of all timelines, one below the other, on the same scale."""
    minutes = max(timeline.seconds for timeline in timelines) // 60 + 2
    width = 2 * _MARGIN + _NAMES + minutes * _MINUTE
    height = 2 * _MARGIN + _ROW + sum(_height(timeline) for timeline in timelines)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="{_FONTS}" role="img" '
        'aria-labelledby="title desc">',
        '  <title id="title">Estimated time of executions on AWS, job by job</title>',
        f'  <desc id="desc">{escape(". ".join(map(_description, timelines)))}.</desc>',
        f"  <style>\n{_STYLE}  </style>",
        f'  <rect class="bg" width="{width}" height="{height}" rx="10"/>',
    ]
    top = _MARGIN
    for timeline in timelines:
        lines += _panel(timeline, top, minutes)
        top += _height(timeline)
    lines += _legend(top)
    return "\n".join([*lines, "</svg>"]) + "\n"


def table(timelines: Sequence[Timeline]) -> str:
    """Return the rows of the jobs in Markdown; jobs of the critical path are bold."""
    lines = ["| job | waits for | starts | ends |", "|---|---|---|---|"]
    for timeline in timelines:
        lines.append(f"| *{timeline.title}* | | | **{clock(timeline.seconds)}** |")
        for job in timeline.jobs:
            name = f"**{job.name}**" if job.is_critical else job.name
            before = ", ".join(job.waits_for)
            lines.append(f"| {name} | {before} | {clock(job.start)} | {clock(job.end)} |")
    return "\n".join(lines) + "\n"


def clock(seconds: int) -> str:
    """Return a time in minutes and seconds.

    >>> clock(245)
    '4:05'
    """
    return f"{seconds // 60}:{seconds % 60:02}"


def _height(timeline: Timeline) -> int:
    return _TITLE + len(timeline.jobs) * _ROW + _ROW


def _description(timeline: Timeline) -> str:
    critical = ", ".join(job.name for job in timeline.jobs if job.is_critical)
    return f"{timeline.title}: {clock(timeline.seconds)} minutes; on the critical path: {critical}"


def _panel(timeline: Timeline, top: int, minutes: int) -> Iterator[str]:
    """Yield the lines of a title, a grid of minutes, and a bar for each job."""
    left, bottom = _MARGIN + _NAMES, top + _TITLE + len(timeline.jobs) * _ROW
    title = f"{timeline.title}: {clock(timeline.seconds)}"
    yield f'  <text class="title" x="{_MARGIN}" y="{top + 14}">{escape(title)}</text>'
    for minute in range(0, minutes + 1, 4):
        x = left + minute * _MINUTE
        yield f'  <path class="grid" d="M{x} {top + _TITLE - 8}V{bottom}"/>'
        yield (
            f'  <text class="minutes" x="{x}" y="{bottom + 12}" text-anchor="middle">'
            f"{minute}{' min' if minute == 0 else ''}</text>"
        )
    for number, job in enumerate(timeline.jobs):
        yield from _bar(job, left, top + _TITLE + number * _ROW)


def _bar(job: Job, left: int, y: int) -> Iterator[str]:
    style = ' class="critical"' if job.is_critical else ""
    x = left + job.start * _MINUTE / 60
    wait, overhead = WAIT_SECONDS * _MINUTE / 60, OVERHEAD_SECONDS * _MINUTE / 60
    work = (job.end - job.start) * _MINUTE / 60 - wait - overhead
    yield f"  <g{style}>"
    yield f'    <text x="{_MARGIN}" y="{y + 12}">{escape(job.name)}</text>'
    for kind, start, length in (
        ("wait", x, wait),
        ("overhead", x + wait, overhead),
        ("work", x + wait + overhead, max(work, 2)),
    ):
        yield (
            f'    <rect class="{kind}" x="{start:g}" y="{y}" width="{length:g}" height="{_BAR}"/>'
        )
    yield "  </g>"


def _legend(top: int) -> Iterator[str]:
    x = _MARGIN
    for kind, words in _LEGEND:
        yield f'  <rect class="{kind}" x="{x}" y="{top + 4}" width="14" height="14"/>'
        yield f'  <text x="{x + 20}" y="{top + 16}">{words}</text>'
        x += 40 + 7 * len(words)
    yield f'  <text class="minutes" x="{x}" y="{top + 16}">bold: on the critical path</text>'
