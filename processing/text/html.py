"""The text of a piece of HTML, word for word as Beautiful Soup extracts it.

`strip_html` replaces ``BeautifulSoup(text, "html.parser").get_text()``, which the jobs' images
don't have. Lower-cased and split at everything but ``[a-z0-9]``, both results have the same words;
other characters, such as white space, may differ. No input raises an exception.

It follows bs4 4.15 on CPython 3.11 without using ``html.parser``: that module parses broken markup
differently from one bug-fix release of Python to the next (measured: 1 of the 50,000 reviews
changes with 3.13.7, 2 with 3.14.2), and the same review must have the same words everywhere. The
patterns are those of CPython's ``html/parser.py``, and the tables of elements are bs4's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from html.entities import html5

Event = tuple[str, str]
"""("text", str), ("cdata", str), ("start", element name) or ("end", element name)"""

_PLAIN = re.compile(r"[^&<]+")
_CHARACTER = re.compile(r"&#([0-9]+|[xX][0-9a-fA-F]+)(?:;|(?=[^0-9a-fA-F]))")
_ENTITY = re.compile(r"&([a-zA-Z][-.a-zA-Z0-9]*)(?:;|(?=[^a-zA-Z0-9]))")

_BROKEN = "&#"  # a numeric reference without a number
_LAST_LETTER = re.compile(r"&[a-zA-Z]\Z")  # html.parser loses this "&"

_NAME = r"[a-zA-Z][^\t\n\r\f />\0]*"
_GAP = r"(?:\s|/(?!>))*"
_VALUE = r"""'[^']*'|"[^"]*"|(?!['"])[^>\s]*"""
_ATTRIBUTE = re.compile(rf"{_GAP}(?<=['\"\s/])[^\s/>][^\s/=>]*(?:\s*=+\s*(?:{_VALUE}))?")
_START_CLOSE = re.compile(rf"{_GAP}/?>")
_START = re.compile(r"<[a-zA-Z]")
_NAME_STOP = re.compile(r"[\t\n\r\f />\0]")
_NUL_STOP = re.compile(r"(?<!['\"\s])\0")  # behind a quote or a space, it begins an attribute
_END = re.compile(r"</\s*([a-zA-Z][-.a-zA-Z0-9:_]*)\s*>")
_ODD_END = re.compile(rf"</({_NAME})")

# The end of other markup, by its first characters; for <![name ... by its name.
_ANGLE = re.compile(r">")
_SECTION = re.compile(r"<!\[([a-zA-Z][-_.a-zA-Z0-9]*)")
_SECTION_CLOSE = {
    **dict.fromkeys(("cdata", "ignore", "include", "rcdata", "temp"), re.compile(r"]\s*]\s*>")),
    **dict.fromkeys(("if", "else", "endif"), re.compile(r"]\s*>")),
}
_COMMENT_CLOSE = re.compile(r"--\s*>")

# Elements without content; those whose text is dropped; and those whose text is dropped and
# isn't HTML, so that only their end tag ends them.
_VOID = frozenset(
    "area base basefont bgsound br col command embed frame hr image img input isindex keygen link "
    "menuitem meta nextid param source spacer track wbr".split()
)
_HIDDEN = ("template", "rt", "rp")
_RAW = frozenset(["script", "style"])
_KEEPS_SPACE = ("pre", "textarea")


def strip_html(text: str) -> str:
    """Return a text without its markup. As in bs4, tags are removed without a replacement.

    >>> strip_html("good<br /><br />film, <i>really</i> &eacute;t&#233;")
    'goodfilm, really été'
    >>> strip_html("one<!-- two <br /> --><script>three<br /></script><?four?><!five>six")
    'onesix'
    >>> strip_html("<ruby>kanji<rt>reading</ruby> <![CDATA[text]]>")
    'kanji text'
    >>> strip_html("x<b<br />r />y <<br />b>z")
    'xr />y <b>z'

    Anything else is kept:

    >>> [strip_html(text) for text in ("a < b", "I <3 it", "R&B or 5 > 4", "an <open tag", "")]
    ['a < b', 'I <3 it', 'R&B or 5 > 4', 'an <open tag', '']

    bs4 has this quirk, too: an ampersand before one last letter is lost.

    >>> strip_html("AT&T"), strip_html("AT&T.")
    ('ATT', 'AT&T.')
    """
    # Most reviews have no markup but <br />, and don't need a parser. With other markup, the parser
    # has to see it all: a <br /> can be part of a comment or an attribute.
    plain = text.replace("<br />", "")
    if "<" not in plain and "&" not in plain:
        return plain

    pieces: list[str] = []
    open_tags: list[str] = []
    depth: Counter[str] = Counter()  # how many of the open tags have each name
    for kind, value in _events(text):
        if kind == "start":
            open_tags.append(value)
            depth[value] += 1
        elif kind == "end":
            while depth[value]:
                closed = open_tags.pop()
                depth[closed] -= 1
                if closed == value:
                    break
        elif kind == "cdata" or not any(depth[name] for name in _HIDDEN):
            # bs4 replaces an empty text by a space, except in <pre>.
            pieces.append(value or " " * (not any(depth[name] for name in _KEEPS_SPACE)))
    return "".join(pieces)


class _Ahead:
    """Searches ahead in a text that is read from front to back.

    No search is repeated; otherwise markup that is never closed would take quadratic time.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: dict[re.Pattern[str], re.Match[str] | None] = {}
        self._unclosed: set[int] = set()  # where the attributes of unclosed tags begin

    def search(self, pattern: re.Pattern[str], at: int) -> re.Match[str] | None:
        """Return ``pattern.search(text, at)``; ``at`` must not be less than in the last call."""
        found = self._found.get(pattern)
        if pattern not in self._found or (found and found.start() < at):
            found = self._found[pattern] = pattern.search(self._text, at)
        return found

    def close_of_start(self, at: int) -> re.Match[str] | None:
        """Return the end of the start tag whose attributes, if any, begin here."""
        passed = []
        while at not in self._unclosed and (match := _ATTRIBUTE.match(self._text, at)):
            passed.append(at)
            at = match.end()
        close = _START_CLOSE.match(self._text, at)
        if not close:
            self._unclosed.update(passed)
        return close


def _events(text: str) -> Iterator[Event]:
    ahead = _Ahead(text)
    at = 0
    # html.parser reads up to the first unfinished markup, and continues from there in the
    # knowledge that no more text follows.
    resumed = False
    while at < len(text):
        if match := _PLAIN.match(text, at):
            yield "text", match[0]
            at = match.end()
        elif text[at] == "<":
            end, event = _markup(text, at, ahead)
            if not end:
                resumed = True
                end, event = _unfinished(text, at, ahead)
            if event:
                yield event
            at = end
        else:
            at, piece = _reference(text, at, resumed)
            resumed |= piece == _BROKEN
            if piece:
                yield "text", piece


def _unfinished(text: str, at: int, ahead: _Ahead) -> tuple[int, Event]:
    """Return the end and the event of unfinished markup: it is text up to the next bracket."""
    angle = ahead.search(_ANGLE, at)
    end = angle.end() if angle else max(text.find("<", at + 1), at + 1)
    return end, ("text", text[at:end])


def _reference(text: str, at: int, resumed: bool) -> tuple[int, str]:
    """Return where the character reference at this ``&`` ends, and the text that it stands for."""
    if match := _CHARACTER.match(text, at):
        return match.end(), _character(match[1])
    if match := _ENTITY.match(text, at):
        return match.end(), html5.get(match[1] + ";", "&" + match[1])
    if text.startswith(_BROKEN, at):
        # The second one ends the parsing, and so does one without any ";" after it.
        is_last = resumed or ";" not in text[at:]
        return (len(text), text[at:]) if is_last else (at + len(_BROKEN), _BROKEN)
    return at + 1, "" if _LAST_LETTER.match(text, at) else "&"


def _markup(text: str, at: int, ahead: _Ahead) -> tuple[int, Event | None]:
    """Return where the markup at this ``<`` ends (0: nowhere) and its event, if any."""
    if _START.match(text, at):
        return _start(text, at, ahead)

    if text.startswith("</", at):
        close = ahead.search(_ANGLE, at)
        name = close and (_END.match(text, at) or _ODD_END.match(text, at))
        return close.end() if close else 0, ("end", name[1].lower()) if name else None

    if text.startswith("<!--", at):
        close = ahead.search(_COMMENT_CLOSE, at + 4)
    elif text.startswith("<![", at):
        # bs4 raises an exception for an unknown name; here it is a comment up to ">".
        name = _SECTION.match(text, at)
        kind = name[1].lower() if name else ""
        close = ahead.search(_SECTION_CLOSE.get(kind, _ANGLE), at + 3)
        if close and text[at + 3 : at + 9].upper() == "CDATA[":
            return close.end(), ("cdata", text[at + 9 : close.start()])
    elif text.startswith(("<!", "<?"), at):
        close = ahead.search(_ANGLE, at)
    else:
        return at + 1, ("text", "<")
    return close.end() if close else 0, None


def _start(text: str, at: int, ahead: _Ahead) -> tuple[int, Event | None]:
    """Return the same as `_markup`, for a start tag."""
    stop = ahead.search(_NAME_STOP, at)
    name_end = stop.start() if stop else len(text)
    if _NUL_STOP.match(text, name_end):
        return name_end, ("text", text[at:name_end])
    if not ahead.search(_ANGLE, at):
        return 0, None
    close = ahead.close_of_start(name_end)
    if not close:
        return 0, None
    tag = text[at + 1 : name_end].lower()
    if close[0].endswith("/>") or tag in _VOID:
        return close.end(), None
    if tag in _RAW:
        ends = (end.end() for end in _END.finditer(text, close.end()) if end[1].lower() == tag)
        return next(ends, len(text)), None
    return close.end(), ("start", tag)


def _character(reference: str) -> str:
    """Return the character with this number, or a separator if there is none."""
    try:
        return unescape(f"&#{reference};") or " "
    except ValueError:  # thousands of digits
        return "\ufffd"
