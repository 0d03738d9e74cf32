"""A diff as Markdown for a reviewer: a summary line, the changes, and their effects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from local_runner.definition.model import Parameter
from pipeline_diff.compare import Comparison, StepChange
from pipeline_diff.conditions import ConditionChange
from pipeline_diff.diff import Diff
from pipeline_diff.parameters import ParameterChange
from pipeline_diff.pipeline import Branch
from pipeline_diff.render.attribute_labels import attribute_label
from pipeline_diff.render.effect_sections import (
    cost_table,
    invalidated_step_list,
    notes,
    permission_table,
)
from pipeline_diff.render.endpoint_section import endpoint_table
from pipeline_diff.render.format_values import FormattedValue, format_pair, format_value
from pipeline_diff.render.markdown_syntax import (
    NONE,
    code,
    codes,
    folded,
    section,
    table,
)
from pipeline_diff.render.summary_line import summary_line
from pipeline_diff.step_attributes import ABSENT, AttributeChange
from pipeline_diff.values import same


def markdown(diff: Diff) -> str:
    """Return the diff as Markdown; stacks with the same changes share a section."""
    stacks: dict[str, list[str]] = {}
    for comparison in diff.comparisons:
        body = "\n".join(_body(comparison)).strip()
        stacks.setdefault(body, []).append(_name(comparison))
    return "\n".join(f"## {', '.join(names)}\n\n{body}\n" for body, names in stacks.items())


def _name(comparison: Comparison) -> str:
    if comparison.stack is None:
        return "Scoring pipeline" if comparison.is_scoring else "Training pipeline"
    return f"{comparison.stack} (scoring)" if comparison.is_scoring else comparison.stack


def _body(comparison: Comparison) -> Iterator[str]:
    yield f"**{summary_line(comparison)}.**"
    yield ""
    if not (comparison.differs and comparison.old_exists and comparison.new_exists):
        return
    steps = comparison.steps
    yield from section("Steps", (f"* {line}" for change in steps for line in _step(change)))
    conditions = table(("step", "before", "after"), map(_condition, comparison.conditions))
    yield from section("Conditions", conditions)
    yield from section("MLflow", _tracking_server(comparison))
    yield from section("Permissions", permission_table(comparison.permissions or ()))
    yield from section("Parameters", _parameters(comparison.parameters))
    for change in steps:
        if change.is_changed:
            rows = _changed_attributes(change.attributes, comparison)
            yield from section(code(change.name_after or ""), rows)
    for change in steps:
        if change.name_before is None:
            rows = _new_attributes(change.attributes, comparison)
            yield from folded(f"Attributes of {change.name_after}", rows)
    invalidated = invalidated_step_list(comparison.invalidated_steps)
    yield from section("Cached steps that run again", invalidated)
    yield from section("Cost per execution", cost_table(comparison))
    yield from section("Endpoint", endpoint_table(comparison))
    yield from section("Notes", notes(comparison))


def _step(change: StepChange) -> Iterator[str]:
    """Yield the change of the step as a whole: added, removed, renamed."""
    name = code(change.name_after or change.name_before or "")
    if change.name_after is None:
        yield f"{name} is removed"
        return
    if change.name_before is None:
        dependencies = sorted(change.added_dependencies)
        after = f", depends on {codes(dependencies)}" if dependencies else ""
        branch = f", runs {_place(change.branch_after)}" if change.branch_after else ""
        yield f"{name} ({change.type}) is added{after}{branch}"
        return
    if change.name_before != change.name_after:
        yield f"{code(change.name_before)} is renamed to {name}"
    if change.added_dependencies:
        yield f"{name} now depends on {codes(change.added_dependencies)}"
    if change.removed_dependencies:
        yield f"{name} no longer depends on {codes(change.removed_dependencies)}"
    if change.is_moved:
        before, after = _place(change.branch_before), _place(change.branch_after)
        yield f"{name} now runs {after} (before: {before})"


def _place(branch: Branch | None) -> str:
    if branch is None:
        return "unconditionally"
    condition, outcome = branch
    return f"if {code(condition)} is {'true' if outcome else 'false'}"


def _condition(change: ConditionChange) -> tuple[str, str, str]:
    old, new = (NONE if text is None else code(text) for text in (change.old, change.new))
    return code(change.step), old, new


def _tracking_server(comparison: Comparison) -> Iterator[str]:
    servers = comparison.tracking_server_before, comparison.tracking_server_after
    if servers[0] != servers[1]:
        cells = [code(str(server)) if server else NONE for server in servers]
        yield from table(("attribute", "before", "after"), [("tracking server", *cells)])


def _parameters(changes: Iterable[ParameterChange]) -> Iterator[str]:
    header = ("parameter", "attribute", "before", "after", "used by")
    return table(
        header,
        (
            (code(change.name), *row, codes(change.used_by) or NONE)
            for change in changes
            for row in _parameter_rows(change.old, change.new)
        ),
    )


def _parameter_rows(old: Parameter | None, new: Parameter | None) -> Iterator[tuple[str, str, str]]:
    """Yield (attribute, before, after) for each difference."""
    if old is None or new is None:
        yield "removed" if new is None else "added", _parameter(old), _parameter(new)
        return
    if not same(old.default, new.default):
        if old.default is None or new.default is None:
            yield "default", _default(old), _default(new)
        else:
            one, other = format_pair(old.default, new.default, {}, {})
            yield "default", code(one.text), code(other.text)
    if old.type != new.type:
        yield "type", old.type, new.type
    if old.enum_values != new.enum_values:
        yield "allowed values", codes(old.enum_values) or "any", codes(new.enum_values) or "any"


def _parameter(parameter: Parameter | None) -> str:
    if parameter is None:
        return NONE
    allowed = f", one of {codes(parameter.enum_values)}" if parameter.enum_values else ""
    default = "" if parameter.default is None else "default "
    return f"{parameter.type}, {default}{_default(parameter)}{allowed}"


def _default(parameter: Parameter) -> str:
    if parameter.default is None:
        return "no default"
    return code(format_value(parameter.default, {}).text)


def _changed_attributes(
    changes: Iterable[AttributeChange], comparison: Comparison
) -> Iterator[str]:
    return table(
        ("attribute", "before", "after"),
        ((_label(change), *_old_and_new(change, comparison)) for change in changes),
    )


def _new_attributes(changes: Iterable[AttributeChange], comparison: Comparison) -> Iterator[str]:
    return table(
        ("attribute", "value"),
        (
            (_label(change), _value(format_value(change.new, comparison.new_defaults)))
            for change in changes
        ),
    )


def _old_and_new(change: AttributeChange, comparison: Comparison) -> tuple[str, str]:
    old_defaults, new_defaults = comparison.old_defaults, comparison.new_defaults
    if change.old is ABSENT:
        return NONE, _value(format_value(change.new, new_defaults))
    if change.new is ABSENT:
        return _value(format_value(change.old, old_defaults)), NONE
    old, new = format_pair(change.old, change.new, old_defaults, new_defaults)
    return _value(old), _value(new)


def _label(change: AttributeChange) -> str:
    words, names = attribute_label(change.path)
    label = words.format(*map(code, names))
    if change.option:
        label = f"{label} {code(change.option)}"
    return f"**{label}**" if change.weakens_protection else label


def _value(value: FormattedValue) -> str:
    resolved = "" if value.resolved is None else f" = {code(value.resolved)}"
    return f"{code(value.text)}{resolved}"
