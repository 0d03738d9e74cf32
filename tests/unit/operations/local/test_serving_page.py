"""The page of `sentiment serve`, in a browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_runner.serving.server import Server, start
from operations.local.scoring.serve import PAGES
from tests.support.answering_model import APPLICATION, PREDICTION
from tests.support.chromium import CHROMIUM, Page, browser
from tests.support.served_models import served_model

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

REVIEW = "A <b>very good</b> film & it isn't boring.\nGOOD!"

ANSWERED = "document.querySelector('#status .label')"
FAILED = "document.getElementById('error').textContent"

CONTRASTS = """
(() => {
  const context = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const painted = (...colors) => {
    for (const color of colors) { context.fillStyle = color; context.fillRect(0, 0, 1, 1) }
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = (color) => {
    const [red, green, blue] = color.map((value) => value / 255)
      .map((value) => value <= .04045 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4);
    return .2126 * red + .7152 * green + .0722 * blue;
  };
  const found = {};
  const selector = "h1, h3, label, p, textarea, button, mark, th, td";
  for (const element of document.querySelectorAll(selector)) {
    const layers = [];
    for (let one = element; one; one = one.parentElement)
      layers.unshift(getComputedStyle(one).backgroundColor);
    const [text, behind] = [painted(...layers, getComputedStyle(element).color), painted(...layers)]
      .map(luminance);
    const key = element.tagName + "." + element.className;
    const ratio = (Math.max(text, behind) + .05) / (Math.min(text, behind) + .05);
    found[key] = Math.min(found[key] ?? 99, ratio);
  }
  return found;
})()
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    model = served_model(
        tmp_path_factory.mktemp("model"),
        APPLICATION,
        PREDICTION=json.dumps(PREDICTION),
        SENTIMENT_MODEL_VERSION="7",
    )
    with start(model, pages=PAGES) as found:
        found.wait_until_ready()
        yield found


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("browser")) as found:
        yield found


@pytest.fixture
def page(running: Server, tab: Page) -> Page:
    tab.open(running.url)
    tab.problems.clear()
    tab.requests.clear()
    return tab


def predict(page: Page, review: str, until: str = ANSWERED) -> None:
    """Type a review in place of the one before, and press Ctrl+Enter."""
    page.evaluate("document.getElementById('text').select()")
    page.type(review)
    page.press("Enter", 13, modifiers=2)
    page.until(until)


def text(page: Page, selector: str) -> str:
    found = page.evaluate(f"document.querySelector({selector!r}).textContent")
    assert isinstance(found, str)
    return found


def accessible(page: Page, role: str) -> list[dict[str, Any]]:
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    return [node for node in nodes if node.get("role", {}).get("value") == role]


def names(page: Page, role: str) -> list[str]:
    return [node["name"]["value"] for node in accessible(page, role)]


def test_prediction_has_the_label_the_probability_and_the_version(page: Page) -> None:
    predict(page, REVIEW)
    assert text(page, "#status .label") == "pos"
    assert "0.818" in text(page, "#status")
    assert "7" in text(page, "#version")
    assert page.problems == []


def test_words_that_decide_are_marked_in_the_text_as_it_was_typed(page: Page) -> None:
    predict(page, REVIEW)
    assert text(page, "#marked") == REVIEW
    marks = page.evaluate(
        "[...document.querySelectorAll('#marked mark')].map(it => [it.textContent, it.className, "
        "+it.style.getPropertyValue('--strength')])"
    )
    # "very good" counts half for each of its words.
    assert marks == [
        ["very", "raises", 0.75],
        ["good", "raises", 1],
        ["boring", "lowers", -0.5 / -1.0],
        ["GOOD", "raises", 0.25],
    ]


def test_long_review_is_shown(page: Page) -> None:
    page.evaluate("document.getElementById('text').value = 'good' + ' x'.repeat(200_000)")
    page.evaluate("document.getElementById('form').requestSubmit()")
    page.until(f"{ANSWERED} && document.getElementById('version').textContent")
    assert page.problems == []


def test_table_has_the_largest_contributions_with_signs(page: Page) -> None:
    predict(page, REVIEW)
    rows = page.evaluate(
        "[...document.querySelectorAll('#words tr')].map(it => [...it.children].slice(0, 2)"
        ".map(cell => cell.textContent))"
    )
    assert rows == [
        ["very good", "+1.500"],
        ["boring", "\u22120.500"],
        ["good", "+0.250"],
        ["it", "+0.000"],
    ]


def test_example_is_predicted_with_a_click(page: Page) -> None:
    page.evaluate("document.querySelector('.example').click()")
    page.until(ANSWERED)
    assert page.evaluate("document.getElementById('text').value") == text(page, "#marked")


@pytest.mark.parametrize(
    ("review", "reason"),
    [("refused <i>x</i>", "can't be scored: refused <i>x</i>"), ("unusable", "its text is empty")],
)
def test_error_of_the_server_replaces_the_prediction(page: Page, review: str, reason: str) -> None:
    predict(page, "good")
    predict(page, review, FAILED)
    assert reason in text(page, "#error")
    assert text(page, "#status") == ""
    assert page.evaluate("document.getElementById('details').hidden")


def test_server_that_has_ended_is_an_error_until_another_answers(
    page: Page, tmp_path: Path
) -> None:
    page.evaluate("window.fetchOfPage = fetch; fetch = () => Promise.reject(new TypeError())")
    predict(page, "good", FAILED)
    assert "sentiment serve" in text(page, "#error")
    page.evaluate("fetch = window.fetchOfPage")
    predict(page, "film")
    assert text(page, "#error") == ""


def test_empty_review_is_not_sent(page: Page, running: Server) -> None:
    page.evaluate("document.getElementById('predict').click()")
    assert f"{running.url}/invocations" not in page.requests


def test_page_requests_nothing_from_elsewhere(running: Server, tab: Page) -> None:
    tab.requests.clear()
    tab.open(running.url)
    predict(tab, REVIEW)
    assert sorted(tab.requests) == [
        f"{running.url}/{path}" for path in ("", "invocations", "script.js", "style.css")
    ]


def test_controls_and_results_have_accessible_names(page: Page) -> None:
    predict(page, REVIEW)
    assert names(page, "textbox") == ["Review"]
    assert names(page, "button") == ["Predict", "Positive example", "Negative example"]
    assert names(page, "heading") == [
        "Sentiment of a review",
        "Prediction",
        "Deciding words in the text",
    ]
    assert names(page, "columnheader") == ["Words", "Log-odds"]
    # Announced by screen readers when they change.
    assert len(accessible(page, "status")) == len(accessible(page, "alert")) == 1


def test_keyboard_reaches_the_controls_in_order(page: Page) -> None:
    page.evaluate("document.activeElement.blur()")
    reached = []
    for _ in range(4):
        page.press("Tab", 9)
        reached.append(
            page.evaluate("document.activeElement.id || document.activeElement.className")
        )
    assert reached == ["text", "predict", "example", "example"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_of_every_text_is_at_least_that_of_wcag_aa(
    running: Server, tab: Page, scheme: str
) -> None:
    tab.open(running.url, scheme=scheme)
    predict(tab, "refused", FAILED)
    failed = tab.evaluate(CONTRASTS)
    predict(tab, REVIEW, f"!{FAILED}")
    found = {**tab.evaluate(CONTRASTS), "P.error": failed["P.error"]}
    assert {"MARK.raises", "MARK.lowers", "BUTTON.", "P.muted", "TEXTAREA."} <= found.keys()
    assert {key: ratio for key, ratio in found.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_page_fits_the_width_of_phones_and_desks(running: Server, tab: Page, width: int) -> None:
    tab.open(running.url, width=width)
    predict(tab, f"{REVIEW} {'long' * 100}")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("width", "height"), [(360, 500), (1280, 700)])
def test_result_is_in_view_after_the_request(
    running: Server, tab: Page, width: int, height: int
) -> None:
    tab.open(running.url, width=width, height=height)
    predict(tab, REVIEW)
    bottom = tab.evaluate(
        "document.getElementById('status').getBoundingClientRect().bottom - innerHeight"
    )
    assert bottom <= 1
