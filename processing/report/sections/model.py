"""The sections about the model itself, and about the reviews that it got most wrong."""

from __future__ import annotations

from processing.evaluation.results import Mistake
from processing.names import EVIDENCE
from processing.report import figures
from processing.report.context import Subject
from processing.report.format import count, percent, signed
from processing.report.html import (
    Html,
    element,
    figure,
    section,
    table,
    text,
)
from processing.report.model_insights import Term


def learning(subject: Subject) -> Html:
    """Log loss and errors, round by round, on rows that trained the model and rows that didn't."""
    learned = subject.learned
    train, validation = learned.train, learned.validation
    pictures = []
    for name, what, ours, theirs in (
        ("log-loss", "log loss", train.log_loss, validation.log_loss),
        ("errors", "told wrong", train.error, validation.error),
    ):
        svg = figures.rounds(
            learned.rounds,
            ours,
            theirs,
            name=name,
            what=what,
            says=f"{what.capitalize()} over rounds of training, on train and on validation.",
        )
        form = percent if what != "log loss" else "{:.3f}".format
        pictures.append(
            figure(
                svg,
                f"{what.capitalize()} after {count(learned.rounds[-1])} rounds: {form(ours[-1])} "
                f"on train, {form(theirs[-1])} on validation (after the first: {form(theirs[0])}).",
            )
        )
    return section(
        "learning",
        "How it learned",
        [
            f"Measured on {count(train.rows)} rows of train and {count(validation.rows)} of "
            "validation, taken evenly.",
            "A gap between the lines is what the model knows by heart; a validation line that "
            "still falls at its end asks for more rounds.",
        ],
        element("div", *pictures, class_="pair"),
    )


def terms(subject: Subject) -> Html:
    """What the trees ask for most, and which way it points."""
    learned = subject.learned
    kind = "words" if subject.inputs.vocabulary["features"] == EVIDENCE else "stems"
    about = [
        "Gain is how much a column’s splits lower the loss, of all that is lowered. Push is how "
        "much it moves the score, in log-odds, where it stands against where it doesn’t.",
        f"The trees ask for {count(learned.used)} of {count(learned.columns)} columns.",
    ]
    if kind == "words":
        about.append(
            "Evidence sums up what phrases said in training; it stands where it’s positive."
        )
    largest = max((term.share for term in learned.terms), default=1.0)
    return section(
        "terms",
        "Most telling stems" if kind == "stems" else "Most telling words and phrases",
        about,
        table(
            f"The {len(learned.terms)} columns of the largest gain",
            ["term", "points to", "push#", "share of gain"],
            [_term(term, subject.labels, largest) for term in learned.terms],
        ),
    )


def mistakes(subject: Subject) -> Html:
    """The reviews whose score is furthest from their class."""
    worst = subject.observed.mistakes
    about = "The model was surest of these, and wrong. Some may be mislabelled."
    if not subject.snippets:
        about += " Their text stays with the data."
    return section(
        "mistakes",
        "Worst mistakes",
        [about],
        table(
            f"The {len(worst)} reviews whose score is furthest from their class",
            ["review", "is", "score#", "words#"],
            [_mistake(mistake, subject) for mistake in worst],
        ),
    )


def _term(term: Term, labels: tuple[str, str], largest: float) -> list[Html]:
    points_to = text("both")
    if term.push:
        class_ = "better" if term.push > 0 else "worse"
        points_to = element("span", text(labels[term.push > 0]), class_=class_)
    bar = element("i", style=f"width: {5 * term.share / largest:.2f}rem")
    share = element("div", bar, text(percent(term.share)), class_="bar")
    push = text("" if term.push is None else signed(term.push))
    return [text(term.name), points_to, push, share]


def _mistake(mistake: Mistake, subject: Subject) -> list[Html]:
    cells = [
        element("span", text(mistake.id), class_="id"),
        text(subject.labels[mistake.label]),
        text(f"{mistake.score:.4f}"),
        text(count(mistake.words)),
    ]
    if subject.snippets:
        snippet = subject.snippets.get(mistake.id, "not found in the raw data")
        cells.append(text(snippet))
    return cells
