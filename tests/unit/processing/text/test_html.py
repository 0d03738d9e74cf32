"""Hostile markup: no input raises an exception or takes quadratic time."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from processing.text.html import strip_html

MANY = 60_000

HOSTILE = {
    "open tags": ("<a " * MANY, "<a " * MANY),
    "nested tags": ("<b>" * MANY + "x" + "</b>" * MANY, "x"),
    "tags never closed": ("<b>" * MANY + "x", "x"),
    "end tags alone": ("</b>" * MANY + "x", "x"),
    "end tags of others": ("<b>" * MANY + "</i>" * MANY + "x", "x"),
    "angles": ("<" * MANY, "<" * MANY),
    "attributes": ("<a " + "b=c " * MANY + ">x", "x"),
    "attributes never closed": ("<a " + "b=c " * MANY, "<a " + "b=c " * MANY),
    "quotes never closed": ("<a b='" * MANY, "<a b='" * MANY),
    "slashes": ("<a " + "/" * MANY + ">x", "x"),
    "equals signs": ("<a b" + "=" * MANY + "c>x", "x"),
    "spaces": ("<a" + " " * MANY + ">x", "x"),
    "long name": ("<" + "a" * MANY + ">x", "x"),
    "ampersands": ("&" * MANY + " ", "&" * MANY + " "),
    "references without an end": ("&ab" * MANY + " ", "&ab" * MANY + " "),
    "numbers without an end": ("&#65" * MANY + ";", "A" * MANY),
    "number of many digits": ("&#" + "1" * MANY + ";x", "\ufffdx"),
    "script without an end": ("<script>" + "</scrip>" * MANY, ""),
    "scripts": ("<script>a</script>" * MANY + "x", "x"),
    "comment of dashes": ("<!--" + "-- " * MANY + ">x", "x"),
    "hidden within hidden": ("<rt>" * MANY + "y" + "</rt>" * MANY + "x", "x"),
}


@pytest.mark.parametrize(("text", "expected"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_markup_is_read_to_its_end(text: str, expected: str) -> None:
    # Not `==`: pytest would spend minutes on the difference of two such texts.
    equal = strip_html(text) == expected
    assert equal


@pytest.fixture
def three_cpu_seconds() -> Iterator[None]:
    """Stop a test that hangs after three CPU seconds; linear time takes a tenth of them."""

    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, 3)
    yield
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.signal(signal.SIGPROF, before)


@pytest.mark.usefixtures("three_cpu_seconds")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("<!--" * 200_000, "<!--" * 200_000, id="comments never closed"),
        pytest.param("<a \0" * 30_000, "<a \0" * 30_000, id="open tags with NUL"),
        pytest.param('<a"\0' * 100_000, '<a"\0' * 100_000, id="NUL behind a quote"),
        pytest.param("<a x='>'" * 60_000, "<a x='>'" * 60_000, id="angles within quotes"),
        pytest.param("<a" * 300_000, "<a" * 300_000, id="names that hold the next tag"),
        pytest.param("</a" * 200_000, "</a" * 200_000, id="end tags never closed"),
        pytest.param("<![if" * 200_000, "<![if" * 200_000, id="sections never closed"),
    ],
)
def test_markup_that_never_closes_takes_linear_time(text: str, expected: str) -> None:
    equal = strip_html(text) == expected
    assert equal
