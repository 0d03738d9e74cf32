"""Schedule expressions are accepted and refused as by EventBridge Scheduler."""

from __future__ import annotations

import pytest

from infra.trigger.schedule import validate_schedule


@pytest.mark.parametrize(
    "expression",
    [
        *("rate(1 minute)", "rate(1 hour)", "rate(1 day)", "rate(2 minutes)", "rate(36 hours)"),
        *("rate(7 days)", "cron(0 6 ? * MON *)", "cron(0 6 * * ? *)", "cron(59 23 31 12 ? 2199)"),
        *("cron(0 0 1 1 ? 1970)", "cron(*/5 6-18/2 ? * MON-FRI *)", "cron(0,30 6 1,15 * ? *)"),
        *("cron(5/15 6 ? * 1 *)", "cron(0 6 L * ? *)", "cron(0 6 3W * ? *)", "cron(0 6 ? * L *)"),
        *("cron(0 6 ? * 5L *)", "cron(0 6 ? * FRIL *)", "cron(0 6 ? * 3#2 *)"),
        *("cron(0 6 ? * mon#5 *)", "cron(0 6 1 JAN-MAR,dec ? *)", "cron(0 6 29 FEB ? *)"),
        *("cron(0 6 30,1 2 ? *)", "cron(0 6 31 FEB,MAR ? *)", "cron(0 6 ? * SUN,3-5 2026-2030/2)"),
    ],
)
def test_valid_expression_is_accepted(expression: str) -> None:
    assert validate_schedule(expression) == expression


@pytest.mark.parametrize(
    "expression",
    [
        *("", "weekly", "0 6 * * 1", "at(2030-01-01T00:00:00)", "cron", "cron(0 6 ? * MON *) "),
        *("rate()", "rate(7 days", "rate(0 days)", "rate(-1 days)", "rate(soon)", "rate(7days)"),
        *("rate(1 days)", "rate(2 day)", "rate(01 day)", "rate(1 week)", "rate(1.5 hours)"),
        *("cron()", "cron(0 6 * * *)", "cron(0 6 ? * MON * *)", "cron(0  6 ? * MON)"),
        *("cron(0  6 ? * MON *)", "cron(0 6 * * * *)", "cron(0 6 ? * ? *)", "cron(0 6 1 * MON *)"),
        *(
            "cron(60 6 ? * MON *)",
            "cron(-1 6 ? * MON *)",
            "cron(? 6 ? * MON *)",
            "cron(0 24 ? * MON *)",
        ),
        *("cron(0 6 0 * ? *)", "cron(0 6 32 * ? *)", "cron(0 6 1 0 ? *)", "cron(0 6 1 13 ? *)"),
        *(
            "cron(0 6 1 FOO ? *)",
            "cron(0 6 ? * 0 *)",
            "cron(0 6 ? * 8 *)",
            "cron(0 6 ? * MONDAY *)",
        ),
        *("cron(0 6 ? * MON 1969)", "cron(0 6 ? * MON 2200)", "cron(0 6 ? * MON 26)"),
        *("cron(*/0 6 ? * MON *)", "cron(*/60 6 ? * MON *)", "cron(0/ 6 ? * MON *)"),
        *("cron(0,, 6 ? * MON *)", "cron(30-10 6 ? * MON *)", "cron(1- 6 ? * MON *)"),
        *("cron(0 6 ? * FRI-MON *)", "cron(0 6 ? * 2/2 *)", "cron(0 6 ? * 6#6 *)"),
        *("cron(0 6 ? * MON#1,TUE#2 *)", "cron(0 6 ? * W *)", "cron(0 6 0W * ? *)"),
        *("cron(0 6 32W * ? *)", "cron(0 6 MON * ? *)", "cron(0 L ? * MON *)"),
        *(
            "cron(0 6 1 L ? *)",
            "cron(0 6 30 2 ? *)",
            "cron(0 6 31 APR,JUN ? *)",
            "cron(\u0661 6 ? * 1 *)",
        ),
    ],
)
def test_expression_that_eventbridge_refuses_or_never_fires_is_rejected(expression: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        validate_schedule(expression)


def test_reason_names_field_item_and_range() -> None:
    with pytest.raises(ValueError, match=r"^the minute '99' must be within 0-59$"):
        validate_schedule("cron(0,99 6 ? * MON *)")
