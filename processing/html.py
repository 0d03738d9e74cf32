"""The text of a scrap of HTML, word for word as Beautiful Soup gives it.

`strip_html` stands in for ``BeautifulSoup(text, "html.parser").get_text()``, which the jobs' images
don't have. Lower-cased and split at everything but ``[a-z0-9]``, both give the same words; other
characters, white space among them, may differ. No input raises.

It follows bs4 4.15 on CPython 3.11 and doesn't use ``html.parser``: that module reads broken
markup differently from one bug-fix release of Python to the next (measured: 1 of the 50,000 reviews
changes with 3.13.7, 2 with 3.14.2), and the same review has to give the same words everywhere. The
patterns say in one place what CPython's ``html/parser.py`` says in several; the tables of elements
are bs4's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from html.entities import html5

Event = tuple[str, str]
"""("text", str), ("cdata", str), ("start", element's name) or ("end", element's name)."""

_PLAIN = re.compile(r"[^&<]+")
_CHARACTER = re.compile(r"&#([0-9]+|[xX][0-9a-fA-F]+)(?:;|(?=[^0-9a-fA-F]))")
_ENTITY = re.compile(r"&([a-zA-Z][-.a-zA-Z0-9]*)(?:;|(?=[^a-zA-Z0-9]))")

_LAST_LETTER = re.compile(r"&[a-zA-Z]\Z")  # html.parser loses this "&"

_NAME = r"[a-zA-Z][^\t\n\r\f />\0]*"
_GAP = r"(?:\s|/(?!>))*"
_VALUE = r"""'[^']*'|"[^"]*"|(?!['"])[^>\s]*"""
_ATTRIBUTE = rf"(?<=['\"\s/])[^\s/>][^\s/=>]*(?:\s*=+\s*(?:{_VALUE}))?{_GAP}"
_NAME_AHEAD = re.compile(r"<[a-zA-Z]")
_START = re.compile(rf"<({_NAME}){_GAP}(?:{_ATTRIBUTE})*(/?>)?")
_END = re.compile(r"</\s*([a-zA-Z][-.a-zA-Z0-9:_]*)\s*>")
_ODD_END = re.compile(rf"</({_NAME})")

# Where other markup closes, by its first characters, and <![name ... by its name.
_ANGLE = re.compile(r">")
_SECTION = re.compile(r"<!\[([a-zA-Z][-_.a-zA-Z0-9]*)")
_SECTION_CLOSE = {
    **dict.fromkeys(("cdata", "ignore", "include", "rcdata", "temp"), re.compile(r"]\s*]\s*>")),
    **dict.fromkeys(("if", "else", "endif"), re.compile(r"]\s*>")),
}
_COMMENT_CLOSE = re.compile(r"--\s*>")

# Elements without content; those whose text does not count; and those whose text does
# not count and is not HTML, so that nothing but their end tag ends them.
_VOID = frozenset(
    "area base basefont bgsound br col command embed frame hr image img input isindex keygen link "
    "menuitem meta nextid param source spacer track wbr".split()
)
_HIDDEN = ("template", "rt", "rp")
_RAW = frozenset(["script", "style"])
_KEEPS_SPACE = ("pre", "textarea")


def strip_html(text: str) -> str:
    """The text without its markup. As in bs4, nothing stands for a tag that is taken out.

    >>> strip_html("good<br /><br />film, <i>really</i> &eacute;t&#233;")
    'goodfilm, really été'
    >>> strip_html("one<!-- two <br /> --><script>three<br /></script><?four?><!five>six")
    'onesix'
    >>> strip_html("<ruby>kanji<rt>reading</ruby> <![CDATA[text]]>")
    'kanji text'
    >>> strip_html("x<b<br />r />y <<br />b>z")
    'xr />y <b>z'

    What isn't markup stays:

    >>> [strip_html(text) for text in ("a < b", "I <3 it", "R&B or 5 > 4", "an <open tag", "")]
    ['a < b', 'I <3 it', 'R&B or 5 > 4', 'an <open tag', '']

    A quirk that is bs4's too: an ampersand before one last letter is lost.

    >>> strip_html("AT&T"), strip_html("AT&T.")
    ('ATT', 'AT&T.')
    """
    # Most reviews have no markup but <br />, and need no parser.  With other markup
    # the parser has to see it all: a <br /> can be part of a comment or an attribute.
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
            # bs4 makes a space of an empty text, but for <pre>.
            pieces.append(value or " " * (not any(depth[name] for name in _KEEPS_SPACE)))
    return "".join(pieces)


def _events(text: str) -> Iterator[Event]:
    at = 0
    # html.parser reads up to the first unfinished markup, and then on from there
    # knowing that no more text comes.  The second time, a broken "&#" ends it all.
    resumed = False
    while at < len(text):
        if match := _PLAIN.match(text, at):
            yield "text", match[0]
            at = match.end()
        elif text[at] == "<":
            stop, event = _markup(text, at)
            if not stop:  # unfinished, so it is text up to the next angle bracket
                resumed = True
                stop = text.find(">", at) + 1 or max(text.find("<", at + 1), at + 1)
                event = "text", text[at:stop]
            if event:
                yield event
            at = stop
        elif match := _CHARACTER.match(text, at):
            yield "text", _character(match[1])
            at = match.end()
        elif match := _ENTITY.match(text, at):
            yield "text", html5.get(match[1] + ";", "&" + match[1])
            at = match.end()
        elif text.startswith("&#", at) and ";" not in text[at:]:
            yield "text", text[at:]
            return
        elif text.startswith("&#", at):
            yield "text", "&#"
            at += 2
            if resumed:
                yield "text", text[at:]
                return
            resumed = True
        else:
            if not _LAST_LETTER.match(text, at):
                yield "text", "&"
            at += 1


def _markup(text: str, at: int) -> tuple[int, Event | None]:
    """Where the markup at this ``<`` stops (0: nowhere) and its event, if any."""
    if _NAME_AHEAD.match(text, at) and text.find(">", at) < 0 and "\0" not in text:
        return 0, None  # can't close; to look for its attributes, tag by tag, takes time squared
    if match := _START.match(text, at):
        tag, close = match[1].lower(), match[2]
        if close == ">" and tag in _RAW:
            ends = (end.end() for end in _END.finditer(text, at) if end[1].lower() == tag)
            return next(ends, len(text)), None
        if close:
            return match.end(), ("start", tag) if close == ">" and tag not in _VOID else None
        if text.startswith("\0", match.end()):
            return match.end(), ("text", match[0])
        return 0, None

    if text.startswith("</", at):
        name = _END.match(text, at) or _ODD_END.match(text, at)
        event = ("end", name[1].lower()) if name else None
        return text.find(">", at) + 1, event

    if text.startswith("<!--", at):
        close = _COMMENT_CLOSE.search(text, at + 4)
    elif text.startswith("<![", at):
        # bs4 raises an exception at an unknown name; here it is a comment up to ">".
        name = _SECTION.match(text, at)
        kind = name[1].lower() if name else ""
        close = _SECTION_CLOSE.get(kind, _ANGLE).search(text, at + 3)
        if close and text[at + 3 : at + 9].upper() == "CDATA[":
            return close.end(), ("cdata", text[at + 9 : close.start()])
    elif text.startswith(("<!", "<?"), at):
        close = _ANGLE.search(text, at)
    else:
        return at + 1, ("text", "<")
    return close.end() if close else 0, None


def _character(reference: str) -> str:
    """The character with this number, or a separator where there is none."""
    try:
        return unescape(f"&#{reference};") or " "
    except ValueError:  # thousands of digits
        return "\ufffd"
