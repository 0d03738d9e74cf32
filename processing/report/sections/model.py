"""The sections about the model: learning curves, important terms, and its largest errors."""

from __future__ import annotations

from processing.evaluation.predictions import MisclassifiedReview
from processing.names import NGRAMS
from processing.report import figures
from processing.report.context import ReportContext
from processing.report.format import count, count_of, percent, signed
from processing.report.markup import Html, element, figure, join, section, table, text
from processing.report.model_insights import ImportantTerm


def learning_curves(context: ReportContext) -> Html:
    """Build the curves of log loss and error rate on training and validation rows."""
    train, validation = context.insights.train, context.insights.validation
    return section(
        "learning-curves",
        "Learning curves",
        [
            f"Computed on a sample of {count_of(train.rows, 'training row')} and "
            f"{count_of(validation.rows, 'validation row')}.",
            "A gap between the curves indicates overfitting. A validation curve that still falls "
            "at its end indicates that more boosting rounds would help.",
        ],
        element(
            "div",
            _learning_curve(context, "log loss", train.log_loss, validation.log_loss),
            _learning_curve(
                context, "error rate", train.error_rate, validation.error_rate, is_share=True
            ),
            class_="pair",
        ),
    )


def terms(context: ReportContext) -> Html:
    """Build the table of the features with the largest gain."""
    insights = context.insights
    has_ngrams = context.inputs.vocabulary["features"] == NGRAMS
    about = [
        "Gain: share of the total loss reduction due to this feature.",
        "Mean SHAP effect: mean SHAP value (log-odds) of reviews with the feature minus that of "
        "reviews without it.",
        f"The trees use {count(insights.used)} of {count(insights.features)} features.",
    ]
    if has_ngrams:
        about.append(
            "n-gram scores sum up the log-count ratios of a review’s words, pairs and triples of "
            "words, or their weights in a linear model. A review has such a feature if the score "
            "is positive."
        )
    largest = max((term.gain_share for term in insights.terms), default=1.0)
    return section(
        "terms",
        "Most important terms",
        about,
        table(
            f"The {len(insights.terms)} features with the largest gain",
            [
                "word or n-gram score" if has_ngrams else "stem (example)",
                "class",
                "mean SHAP effect#",
                "gain",
            ],
            [_term(term, context, largest) for term in insights.terms],
        ),
    )


def errors(context: ReportContext) -> Html:
    """Build the table of the misclassified reviews whose score is furthest from their class."""
    largest = context.predictions.largest_errors
    about = ["The model was most certain of these wrong predictions. Some labels may be wrong."]
    if not context.snippets:
        about.append("The text of the reviews isn’t part of this report.")
    return section(
        "errors",
        "Largest errors",
        about,
        table(
            f"The {len(largest)} misclassified reviews with the largest errors",
            ["review", "actual class", "score#", "words#"],
            [_error(review, context) for review in largest],
        ),
    )


def _learning_curve(
    context: ReportContext,
    metric: str,
    train: list[float],
    validation: list[float],
    *,
    is_share: bool = False,
) -> Html:
    rounds = context.insights.rounds
    name = metric.capitalize()
    number = percent if is_share else "{:.3f}".format
    svg = figures.learning_curve(
        rounds,
        train,
        validation,
        name=metric.replace(" ", "-"),
        metric=metric,
        is_share=is_share,
        alternative=f"{name} on training and validation rows by boosting round.",
    )
    return figure(
        svg,
        f"{name} after {count_of(rounds[-1], 'round')}: {number(train[-1])} on training rows, "
        f"{number(validation[-1])} on validation rows. After the first round: "
        f"{number(validation[0])} on validation rows.",
    )


def _term(term: ImportantTerm, context: ReportContext, largest: float) -> list[Html]:
    label = text("–")
    if term.effect:
        class_ = "better" if term.effect > 0 else "worse"
        label = element("span", text(context.labels[term.effect > 0]), class_=f"name {class_}")
    bar = element("i", style=f"--share: {term.gain_share / largest:.3f}")
    gain = element("div", bar, text(percent(term.gain_share)), class_="bar")
    effect = text("" if term.effect is None else signed(term.effect))
    return [_name(term, context), label, effect, gain]


def _name(term: ImportantTerm, context: ReportContext) -> Html:
    example = context.inputs.example_words.get(term.name)
    if example is None:
        return text(term.name)
    return join([text(term.name), element("span", text(f"({example})"), class_="muted")])


def _error(review: MisclassifiedReview, context: ReportContext) -> list[Html]:
    cells = [
        element("span", text(review.id), class_="id"),
        element("span", text(context.labels[review.label]), class_="name"),
        text(f"{review.score:.4f}"),
        text(count(review.words)),
    ]
    if context.snippets:
        snippet = context.snippets.get(review.id, "This review isn’t in the raw data.")
        cells.append(text(snippet))
    return cells
