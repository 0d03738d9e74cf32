"""Schedule expressions of EventBridge Scheduler: rate(...) and cron(...).

Source of the rules: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, Field

_LEAP_YEAR = 2024
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


@dataclass(frozen=True)
class _Field:
    """A field of a cron expression: its range, the names of its values, its special items.

    specials: a pattern of items that are neither a value nor a range, except *.
    """

    name: str
    first: int
    last: int
    names: Sequence[str] = ()
    specials: str = "(?!)"
    has_steps: bool = True

    def values(self, text: str) -> set[int] | None:
        """Return the values that the field lists; None if they depend on the date.

        Raise ValueError.
        """
        found: set[int] = set()
        depends_on_date = False
        for item in text.split(","):
            if re.fullmatch(self.specials, item):
                depends_on_date = True
            else:
                found |= self._range(item)
        return None if depends_on_date else found

    def _range(self, item: str) -> set[int]:
        """Return the values of ``*``, ``a`` or ``a-b``, each perhaps with a step ``/n``."""
        span, slash, step = item.partition("/")
        is_step = re.fullmatch("[0-9]{1,4}", step) and 1 <= int(step) <= self.last
        if slash and not (self.has_steps and is_step):
            raise self._error(item)
        if span == "*":
            first, last = self.first, self.last
        else:
            start, dash, end = span.partition("-")
            first = self._value(start, item)
            last = self._value(end, item) if dash else self.last if slash else first
        if first > last:
            raise self._error(item)
        return set(range(first, last + 1, int(step or 1)))

    def _value(self, text: str, item: str) -> int:
        if text.upper() in self.names:
            return self.names.index(text.upper()) + self.first
        if not re.fullmatch("[0-9]{1,4}", text) or not self.first <= int(text) <= self.last:
            raise self._error(item)
        return int(text)

    def _error(self, item: str) -> ValueError:
        names = f" or {self.names[0]}-{self.names[-1]}" if self.names else ""
        return ValueError(
            f"the {self.name} {item!r} must be within {self.first}-{self.last}{names}"
        )


_MINUTES = _Field("minute", 0, 59)
_HOURS = _Field("hour", 0, 23)
_DAYS = _Field("day of the month", 1, 31, specials="L|([1-9]|[12][0-9]|3[01])W")
_MONTH = _Field("month", 1, 12, _MONTHS)
_WEEKDAY = _Field(
    "day of the week",
    *(1, 7, _WEEKDAYS),
    specials=f"L|(?i:[1-7]|{'|'.join(_WEEKDAYS)})(L|#[1-5])",
    has_steps=False,
)
_YEAR = _Field("year", 1970, 2199)


def validate_schedule(expression: str) -> str:
    """Return the expression. Raise ValueError with the reason if EventBridge would refuse it."""
    kind, _, rest = expression.partition("(")
    if kind == "rate" and rest.endswith(")"):
        _validate_rate(rest[:-1])
    elif kind == "cron" and rest.endswith(")"):
        _validate_cron(rest[:-1].split(" "))
    else:
        raise ValueError("it is neither cron(...) nor rate(...)")
    return expression


Schedule = Annotated[
    str,
    AfterValidator(validate_schedule),
    Field(
        json_schema_extra={
            "expected": "a schedule expression such as cron(0 6 ? * MON *) or rate(7 days)"
        }
    ),
]


def _validate_rate(text: str) -> None:
    found = re.fullmatch("([1-9][0-9]{0,8}) (minute|hour|day)(s?)", text)
    if not found:
        raise ValueError("a rate is a number from 1 and minutes, hours or days")
    value, unit, plural = found.groups()
    if (value == "1") == bool(plural):
        raise ValueError(f"{value} requires the unit {unit if plural else unit + 's'}")


def _validate_cron(fields: Sequence[str]) -> None:
    if len(fields) != 6:
        raise ValueError(f"cron has {len(fields)} fields instead of 6, separated by single spaces")
    minutes, hours, day, month, weekday, year = fields
    if [day, weekday].count("?") != 1:
        raise ValueError("exactly one of day of the month and day of the week must be ?")
    _MINUTES.values(minutes)
    _HOURS.values(hours)
    _YEAR.values(year)
    months = _MONTH.values(month)
    if day == "?":
        _WEEKDAY.values(weekday)
        if "#" in weekday and "," in weekday:
            raise ValueError("a day of the week with # must be the only one")
        return
    days = _DAYS.values(day)
    if days and months:
        longest = max(monthrange(_LEAP_YEAR, number)[1] for number in months)
        if min(days) > longest:
            raise ValueError(f"no selected month has a day {min(days)}")
