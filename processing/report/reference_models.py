"""The models that the evaluated model's accuracy is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from processing import names
from processing.evaluation.significance import wilson
from processing.report.context import ReportContext
from processing.report.format import p_value, percent, percentage_points, quoted

ARTICLE_ACCURACY = 0.86528
"""The accuracy in the notebook of the article "How to build a model on SageMaker"."""

ARTICLE_TEST_TEXTS_HASH = "58c1957496d73e1e"
"""The hash of the article's test texts: the 25,000 reviews below ``test/`` in aclImdb_v1.tar.gz
(Maas et al., 2011), as the manifest has it.

The hash is the same for the original archive, a repacked one and the extracted folder, whose own
SHA-256 differ, and for every seed.
"""

_SIGNIFICANT = 0.05
_NEAR = 5
"""How many times as long as an accuracy's interval the axis may be for the interval to be visible.
"""


@dataclass(frozen=True)
class ReferenceModel:
    """A baseline, and the result of comparing the evaluated model with it.

    short_name: for the chart. low, high: the confidence interval to draw. verdict: "better",
    "worse", or "" if the difference isn't significant. reason: a sentence that says why.
    """

    name: str
    short_name: str
    accuracy: float
    low: float
    high: float
    difference: float
    verdict: str
    reason: str

    def is_near(self, low: float, high: float) -> bool:
        """Return whether an axis with this model has room for the interval from low to high."""
        span = max(self.high, high) - min(self.low, low)
        return span <= _NEAR * (high - low)

    def sentence(self) -> str:
        """Return the comparison in words."""
        name = f"{self.name} ({percent(self.accuracy, 2)}). {self.reason}"
        distance = percentage_points(abs(self.difference)).lstrip("+")
        if float(distance) == 0:
            return f"Same accuracy as {name}"
        direction = "above" if self.difference > 0 else "below"
        return f"{distance} percentage points {direction} {name}"


def reference_models(context: ReportContext) -> list[ReferenceModel]:
    """Return the majority class, the article (for its own test set) and the champion (if any)."""
    found = [_majority_class(context)]
    if is_article_test_set(context.inputs.manifest):
        found.append(_article(context))
    version = champion_version(context)
    if version:
        found.append(_champion(context, version))
    return found


def champion_version(context: ReportContext) -> str | None:
    """Return the name of the last approved version, with which the model was compared, if any."""
    arn: str | None = context.evaluation.get(names.CHAMPION, {}).get(names.PACKAGE_ARN_PATH)
    return f"version {arn.rsplit('/', 1)[-1]}" if arn else None


def is_article_test_set(manifest: Mapping[str, Any]) -> bool:
    """Return whether the test set consists of the reviews that the article measures."""
    return bool(manifest.get(names.TEST_TEXTS_HASH) == ARTICLE_TEST_TEXTS_HASH)


def accuracy_interval(context: ReportContext) -> tuple[float, float]:
    """Return the 95% confidence interval of the accuracy."""
    return wilson(context.correct, context.reviews)


def _majority_class(context: ReportContext) -> ReferenceModel:
    negative, positive = context.class_sizes
    label = context.labels[positive > negative]
    share = max(negative, positive) / context.reviews
    reference_names = f"always predicting {quoted(label)}", f"always {quoted(label, 30)}"
    return _without_test(context, reference_names, share, (share, share))


def _article(context: ReportContext) -> ReferenceModel:
    bounds = wilson(round(ARTICLE_ACCURACY * context.reviews), context.reviews)
    return _without_test(context, ("the article’s notebook", "article"), ARTICLE_ACCURACY, bounds)


def _without_test(
    context: ReportContext,
    reference_names: tuple[str, str],
    accuracy: float,
    bounds: tuple[float, float],
) -> ReferenceModel:
    low, high = accuracy_interval(context)
    verdict = "better" if accuracy < low else "worse" if accuracy > high else ""
    side = "outside" if verdict else "within"
    reason = f"The baseline is {side} this model’s 95% confidence interval."
    difference = context.metric(names.ACCURACY) - accuracy
    return ReferenceModel(*reference_names, accuracy, *bounds, difference, verdict, reason)


def _champion(context: ReportContext, version: str) -> ReferenceModel:
    champion = context.evaluation[names.CHAMPION]
    test = champion["test"]
    verdict = ""
    if test["p_value"] < _SIGNIFICANT:
        verdict = "better" if test["difference"] > 0 else "worse"
    if test["kind"] == "mcnemar":
        reason = (
            f"McNemar’s test: {p_value(test['p_value'])}; {test['only_new']:,} reviews are "
            f"classified correctly only by this model, {test['only_champion']:,} only by {version}."
        )
    else:
        reason = f"Unpaired test of two proportions: {p_value(test['p_value'])}."
    accuracy = champion[names.ACCURACY]
    # The chart shows the interval of the difference, which is what was tested, around the champion.
    own = context.metric(names.ACCURACY)
    bounds = own - test["high"], own - test["low"]
    name = f"{version}, the last approved version"
    return ReferenceModel(name, version, accuracy, *bounds, test["difference"], verdict, reason)
