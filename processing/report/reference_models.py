"""With what the model's accuracy is compared."""

from __future__ import annotations

from dataclasses import dataclass

from processing import names
from processing.evaluation.significance import wilson
from processing.report.context import Subject
from processing.report.format import p_value, percent, points

_ARTICLE = 0.86528
_ARTICLE_REVIEWS = 12_500
"""Of either class, in the test set that the article measured on."""

_SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Rival:
    """Something to be better than, and how the model stands to it.

    mark: its name where there is little room. verdict: "better", "worse", or "" if chance explains
    the difference. how: what tells.
    """

    name: str
    mark: str
    accuracy: float
    low: float
    high: float
    difference: float
    verdict: str
    how: str

    def sentence(self) -> str:
        """The comparison in words, for the headline."""
        where = f"{self.name} ({percent(self.accuracy, 2)}); {self.how}"
        distance = points(abs(self.difference)).lstrip("+")
        if float(distance) == 0:
            return f"level with {where}"
        return f"{distance} points {'above' if self.difference > 0 else 'below'} {where}"


def rivals(subject: Subject) -> list[Rival]:
    """The majority class; the article where the data are its own; the last approved version."""
    found = [_majority(subject)]
    if subject.of_class == (_ARTICLE_REVIEWS, _ARTICLE_REVIEWS):
        found.append(_article(subject))
    if subject.evaluation.get(names.CHAMPION, {}).get("model_package_arn"):
        found.append(_champion(subject))
    return found


def interval(subject: Subject) -> tuple[float, float]:
    """The accuracy's 95 % interval."""
    return wilson(subject.right, subject.reviews)


def _majority(subject: Subject) -> Rival:
    negative, positive = subject.of_class
    label = subject.labels[positive > negative]
    share = max(negative, positive) / subject.reviews
    return _outside(
        subject, (f"always saying “{label}”", f"always “{label}”"), share, (share, share)
    )


def _article(subject: Subject) -> Rival:
    reviews = 2 * _ARTICLE_REVIEWS
    bounds = wilson(round(_ARTICLE * reviews), reviews)
    return _outside(subject, ("the article’s notebook", "the article"), _ARTICLE, bounds)


def _outside(
    subject: Subject, told: tuple[str, str], accuracy: float, bounds: tuple[float, float]
) -> Rival:
    low, high = interval(subject)
    verdict = "better" if accuracy < low else "worse" if accuracy > high else ""
    how = "outside the interval" if verdict else "inside the interval: chance may explain it"
    difference = subject.metric("accuracy") - accuracy
    return Rival(*told, accuracy, *bounds, difference, verdict, how)


def _champion(subject: Subject) -> Rival:
    champion = subject.evaluation[names.CHAMPION]
    test = champion["test"]
    verdict = ""
    if test["p_value"] < _SIGNIFICANT:
        verdict = "better" if test["difference"] > 0 else "worse"
    if test["kind"] == "mcnemar":
        how = (
            f"only this one is right on {test['only_new']:,} reviews, only that one on "
            f"{test['only_champion']:,}: {p_value(test['p_value'])} (McNemar)"
        )
    else:
        how = f"measured apart, so compared unpaired: {p_value(test['p_value'])}"
    number = champion["model_package_arn"].rsplit("/", 1)[-1]
    accuracy = champion["accuracy"]
    # The interval around the rival is that of the difference, which is what was tested.
    ours = subject.metric("accuracy")
    bounds = ours - test["high"], ours - test["low"]
    told = f"version {number}, the last approved", f"version {number}"
    return Rival(*told, accuracy, *bounds, test["difference"], verdict, how)
