"""Accuracy against CPU seconds as a picture."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from benchmarks.picture import COLOURS, PAPER, save
from benchmarks.presets.comparison import Comparison


def draw(found: Comparison, target: Path) -> None:
    """A point for each preset and rival, its seeds' range as a line."""
    figure = Figure(figsize=(9, 4.2), layout="constrained", facecolor=PAPER)
    axes = figure.subplots()
    for who in found.who:
        colour = COLOURS[0] if found.of(who)[0].usd else COLOURS[1]
        seconds = found.median(who, lambda run: run.whole.cpu_seconds)
        accuracies = [run.accuracy for run in found.of(who)]
        axes.plot([seconds] * 2, [min(accuracies), max(accuracies)], color=colour)
        mean = found.mean(who, lambda run: run.accuracy)
        axes.plot([seconds], [mean], "o", color=colour)
        axes.annotate(f"{who} {mean:.3f}", (seconds, mean), (8, -4), textcoords="offset points")
    axes.set_facecolor(PAPER)
    axes.set_xlabel("CPU seconds from the archive to an evaluated model")
    axes.set_ylabel("accuracy on the test set")
    axes.margins(x=0.5, y=0.2)  # room for the names
    axes.set_xlim(left=0)
    save(figure, target)
