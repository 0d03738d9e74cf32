"""A report as Markdown for a reviewer: one line that sums up, what changed, what comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from local_runner.definition.model import Parameter
from pipeline_diff.compare import Comparison, StepChange
from pipeline_diff.conditions import GateChange
from pipeline_diff.parameters import ParameterChange
from pipeline_diff.render import effects
from pipeline_diff.render.attribute_labels import label
from pipeline_diff.render.format_values import (
    Shown,
    same,
    shown,
    shown_pair,
)
from pipeline_diff.render.markdown_syntax import (
    NONE,
    code,
    codes,
    folded,
    section,
    table,
)
from pipeline_diff.render.summary import summary
from pipeline_diff.report import Report
from pipeline_diff.step_attributes import Change


def markdown(report: Report) -> str:
    """The report. Stacks that change alike share what is said of them."""
    stacks: dict[str, list[str]] = {}
    for it in report.comparisons:
        stacks.setdefault("\n".join(_body(it)).strip(), []).append(_name(it))
    return "\n".join(f"## {', '.join(names)}\n\n{body}\n" for body, names in stacks.items())


def _name(it: Comparison) -> str:
    if it.stack is None:
        return "The scoring pipeline" if it.scores else "The pipeline"
    return f"{it.stack} (scoring)" if it.scores else it.stack


def _body(it: Comparison) -> Iterator[str]:
    yield f"**{summary(it)}.**"
    yield ""
    if not (it.differs and it.old_stands and it.new_stands):
        return
    yield from section("Steps", (f"* {line}" for change in it.steps for line in _step(change)))
    yield from section("Gates", table(("gate", "before", "after"), map(_gate, it.gates)))
    yield from section("Permissions", effects.permissions(it.permissions or ()))
    yield from section("Parameters", _parameters(it.parameters))
    for change in it.steps:
        if change.old:
            yield from section(code(change.after or ""), _changes(change.changes))
    for change in it.steps:
        if not change.old:
            yield from folded(f"What {change.after} is", _new(change.changes))
    yield from section("Cached steps that run again", effects.reruns(it.reruns))
    yield from section("Cost of an execution", effects.cost(it))
    yield from section("Notes", effects.notes(it))


def _step(change: StepChange) -> Iterator[str]:
    """What became of the step as a whole."""
    name = code(change.after or change.before or "")
    if change.new is None:
        yield f"{name} is removed"
        return
    if change.old is None:
        waits = f", after {codes(sorted(change.new.waits_for))}" if change.new.waits_for else ""
        yield f"{name} ({change.new.step.type}) is added{waits}{_place(change.new.branch)}"
        return
    if change.before != change.after:
        yield f"{code(change.before or '')} is now called {name}"
    if change.waits_for:
        yield f"{name} waits for {codes(change.waits_for)} now"
    if change.waits_no_more:
        yield f"{name} waits for {codes(change.waits_no_more)} no more"
    if change.moved:
        before, after = _place(change.old.branch), _place(change.new.branch)
        yield f"{name} runs{after or ' always'}; before{before or ' always'}"


def _place(branch: tuple[str, bool] | None) -> str:
    if branch is None:
        return ""
    gate, outcome = branch
    return f" if {code(gate)} {'holds' if outcome else 'fails'}"


def _gate(change: GateChange) -> tuple[str, str, str]:
    old, new = (NONE if words is None else code(words) for words in (change.old, change.new))
    return code(change.name), old, new


def _parameters(changes: Iterable[ParameterChange]) -> Iterator[str]:
    header = ("parameter", "what", "before", "after", "used by")
    return table(
        header,
        (
            (code(change.name), *row, codes(change.used_by) or NONE)
            for change in changes
            for row in _aspects(change.old, change.new)
        ),
    )


def _aspects(old: Parameter | None, new: Parameter | None) -> Iterator[tuple[str, str, str]]:
    """(what, before, after) of everything that differs."""
    if old is None or new is None:
        what = "removed" if new is None else "added"
        yield what, _described(old), _described(new)
        return
    if not same(old.default, new.default):
        if old.default is None or new.default is None:
            yield "default", _default(old), _default(new)
        else:
            one, other = shown_pair(old.default, new.default, {}, {})
            yield "default", code(one.text), code(other.text)
    if old.type != new.type:
        yield "type", old.type, new.type
    if old.enum_values != new.enum_values:
        yield "allowed", codes(old.enum_values) or "anything", codes(new.enum_values) or "anything"


def _described(parameter: Parameter | None) -> str:
    if parameter is None:
        return NONE
    allowed = f", one of {codes(parameter.enum_values)}" if parameter.enum_values else ""
    default = "" if parameter.default is None else "default "
    return f"{parameter.type}, {default}{_default(parameter)}{allowed}"


def _default(parameter: Parameter) -> str:
    return "no default" if parameter.default is None else code(shown(parameter.default, {}).text)


def _changes(changes: Iterable[Change]) -> Iterator[str]:
    return table(
        ("what", "before", "after"),
        ((_what(change), _value(change.old), _value(change.new)) for change in changes),
    )


def _new(changes: Iterable[Change]) -> Iterator[str]:
    return table(("what", "value"), ((_what(change), _value(change.new)) for change in changes))


def _what(change: Change) -> str:
    words, names = label(change.path)
    named = words.format(*map(code, names))
    if change.place:
        named = f"{named} {code(change.place)}"
    return f"**{named}**" if change.weakens else named


def _value(value: Shown | None) -> str:
    if value is None:
        return NONE
    return code(value.text) + (f" = {code(value.resolved)}" if value.resolved is not None else "")
