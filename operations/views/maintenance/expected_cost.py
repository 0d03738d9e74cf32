"""The expected cost of an execution."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from operations.aws.pricing.expected_cost import ExpectedCost, ExpectedStepCost
from operations.progress import Progress
from pipeline_diff.prices import price_table


def expected_cost_text(expected: ExpectedCost, cached: Collection[str] = ()) -> str:
    """Return the cost with its basis as a line. cached: the steps whose results are cached."""
    at_most, with_cache = expected.usd, expected.without(cached)
    if at_most is None or with_cache is None:
        return f"unknown: {'; '.join(expected.problems)}"
    amount = f"at most {at_most:.4f} USD"
    if cached:
        amount = f"{with_cache:.4f} USD, {amount}"
    return f"{amount} ({'; '.join(_basis(expected.steps))})"


def print_expected_cost(expected: ExpectedCost, progress: Progress) -> None:
    """Print the cost on stderr, before the execution starts."""
    progress.print_line(f"expected cost: {expected_cost_text(expected)}")


def expected_cost_document(expected: ExpectedCost, cached: Collection[str] = ()) -> dict[str, Any]:
    """Return the JSON of the cost, with the cost of each step."""
    table = price_table()
    return {
        "problems": expected.problems,
        "prices_as_of": table.as_of,
        "prices_source": table.source,
        "steps": [_step(step, cached=step.step in cached) for step in expected.steps],
        "usd": _rounded(expected.without(cached)),
        "usd_without_cache": _rounded(expected.usd),
    }


def _basis(steps: Sequence[ExpectedStepCost]) -> Iterator[str]:
    """Yield where the durations and the prices come from."""
    measured = {step.measured_in for step in steps if step.measured_in}
    yield from (f"durations of execution {execution_id}" for execution_id in measured)
    assumed = [step.step for step in steps if not step.measured_in]
    if assumed:
        yield f"assumed durations of {', '.join(assumed)}" if measured else "assumed durations"
    if others := [step.step for step in steps if not step.same_instances]:
        yield f"measured on other instances: {', '.join(others)}"
    if spot := [step.step for step in steps if step.uses_spot]:
        yield f"without the discount for spot instances: {', '.join(spot)}"
    yield f"prices of {price_table().as_of}"


def _step(step: ExpectedStepCost, *, cached: bool) -> dict[str, Any]:
    instances = step.instances
    return {
        "cached": cached,
        "instance_count": instances.count if instances else None,
        "instance_type": instances.instance_type if instances else None,
        "measured_in": step.measured_in,
        "measured_on_other_instances": not step.same_instances,
        "seconds": step.seconds,
        "step": step.step,
        "usd": _rounded(step.usd),
        "uses_spot": step.uses_spot,
    }


def _rounded(usd: float | None) -> float | None:
    return None if usd is None else round(usd, 6)
