"""Quotes in quoted cells of CSV that are escaped by backslashes, as Spark writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator

ESCAPED_QUOTE = '\\"'

_IN_QUOTES = re.compile(r'\\(["\\])|""|"')


def with_doubled_quotes(lines: Iterator[str], delimiter: str) -> Iterator[str]:
    r"""Yield lines in which quotes are doubled instead, for Python's reader.

    Its own option drops all backslashes. Spark escapes quotes and backslashes in quoted cells only;
    other characters are preceded by backslashes that belong to the text.

    >>> print(next(with_doubled_quotes(iter([r'"a \"b\" c",C:\dir,"C:\\dir \n"']), ",")))
    "a ""b"" c",C:\dir,"C:\dir \n"
    """
    opening = re.compile(f'(?:^|{re.escape(delimiter)})"')
    is_open = False
    for line in lines:
        at, converted = 0, []
        while found := (_IN_QUOTES if is_open else opening).search(line, at):
            converted.append(line[at : found.start()])
            if not is_open:
                converted.append(found[0])
                is_open = True
            elif found[0] == '"':
                converted.append('"')
                is_open = False
            else:
                converted.append("\\" if found[0] == "\\\\" else '""')
            at = found.end()
        yield "".join((*converted, line[at:]))
