"""HTML pages of the report: their elements, and checks that hold for each."""

from __future__ import annotations

import re
from xml.etree import ElementTree

LOADING = {"script", "link", "img", "iframe", "object", "embed", "video", "audio", "form", "base"}


class Report:
    """The elements of a report. What follows the head is well-formed XML."""

    def __init__(self, content: str) -> None:
        body = content[content.index("<main>") : content.index("</html>")]
        self.root = ElementTree.fromstring(f"<body>{body}</body>")

    def all(self, tag: str) -> list[ElementTree.Element]:
        return list(self.root.iter(tag))

    def tags(self) -> set[str]:
        return {element.tag for element in self.root.iter()}

    def section(self, identity: str) -> ElementTree.Element:
        [section] = [one for one in self.all("section") if one.get("id") == identity]
        return section

    def about(self, identity: str) -> list[str]:
        """The paragraphs that explain a section."""
        return [text_of(one) for one in self.section(identity).iterfind("div[@class='about']/p")]

    def values(self, list_class: str) -> list[str]:
        """The first value of each entry of a description list."""
        entries = self.root.iterfind(f".//dl[@class='{list_class}']/div")
        return [text_of(entry.findall("dd")[0]) for entry in entries]

    @property
    def gate(self) -> list[str]:
        """The verdict of the quality gate, and its reasons."""
        [gate] = [one for one in self.all("div") if (one.get("class") or "").startswith("gate ")]
        return [text_of(part) for part in gate]

    def rows(self, identity: str, table: int = 0) -> list[list[str]]:
        """The cells of the body of a section's table."""
        tables = list(self.section(identity).iter("table"))
        return [[text_of(cell) for cell in row] for row in tables[table].iterfind("tbody/tr")]


def text_of(element: ElementTree.Element) -> str:
    return " ".join(" ".join(element.itertext()).split())


def assert_self_contained(content: str) -> None:
    """Check that a page loads nothing and runs nothing."""
    elements = list(Report(content).root.iter())
    assert {element.tag for element in elements} & LOADING == set()
    assert not any(name.startswith("on") for element in elements for name in element.attrib)
    assert "://" not in content
    assert "@import" not in content
    assert re.findall(r"url\((?!#)", content) == []
    head = content[: content.index("<main>")]
    assert not any(f"<{tag}" in head for tag in LOADING)
    [policy] = re.findall(r'Content-Security-Policy" content="([^"]*)"', head)
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def assert_references_have_a_target(content: str) -> None:
    """Check that ids are unique, and that links, labels and clip paths refer to one of them."""
    elements = list(Report(content).root.iter())
    ids = [element.attrib["id"] for element in elements if "id" in element.attrib]
    assert len(ids) == len(set(ids))
    used = {element.get("href", "").removeprefix("#") for element in elements} - {""}
    used |= {element.get("aria-labelledby", "") for element in elements} - {""}
    used |= set(re.findall(r"url\(#([^)]*)\)", content))
    assert used <= set(ids)
