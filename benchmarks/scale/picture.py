"""Growth as a picture."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.picture import COLOURS, PAPER, save
from benchmarks.scale.growth import Growth
from benchmarks.scale.laws import Line
from benchmarks.scale.points import JOBS


def draw(growth: Growth, target: Path) -> None:
    """Draws each job's points and line: CPU on the left, memory on the right."""
    figure = Figure(figsize=(9, 3.6), layout="constrained", facecolor=PAPER)
    left, right = figure.subplots(1, 2)
    for job, colour in zip(JOBS, COLOURS, strict=True):
        usages = [point.usage[job] for point in growth.points]
        cpu = [usage.cpu_seconds for usage in usages]
        _job(left, growth, job, cpu, growth.cpu_seconds[job], colour)
        memory = [usage.together_mb for usage in usages]
        _job(right, growth, job, memory, growth.memory_mb[job], colour)
    for axes, what in ((left, "CPU seconds"), (right, "MB, all processes together")):
        axes.set_facecolor(PAPER)
        axes.set_xlabel("thousand reviews")
        axes.set_title(what, fontsize=11, loc="left")
        axes.set_ylim(bottom=0)
    left.legend(frameon=False)
    save(figure, target)


def _job(
    axes: mpl.axes.Axes, growth: Growth, job: str, costs: list[float], law: Line, colour: str
) -> None:
    reviews = [point.reviews for point in growth.points]
    ends = [0, reviews[-1]]
    axes.plot([end / 1e3 for end in ends], [law.at(end) for end in ends], color=colour)
    axes.plot([count / 1e3 for count in reviews], costs, "o", color=colour, label=job)
