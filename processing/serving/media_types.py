"""Media types: which a request may have, and which of an answer the client accepts."""

from __future__ import annotations

from processing.names import Serving
from processing.serving.errors import NOT_ACCEPTABLE, UNSUPPORTED_TYPE, RequestError

_ALIASES = {
    "application/x-jsonlines": Serving.JSON_LINES,
    "application/x-ndjson": Serving.JSON_LINES,
}
_ENCODINGS = ("utf-8", "utf8", "us-ascii")


def request_type(content_type: str) -> str:
    """Return which of `Serving.REQUEST_TYPES` a Content-Type is. Raise RequestError for any other.

    >>> request_type("Application/JSON; charset=utf-8")
    'application/json'
    """
    media_type, parameters = _parsed(content_type)
    if media_type not in Serving.REQUEST_TYPES:
        given = repr(media_type) if media_type else "missing"
        raise RequestError(
            f"Content-Type is {given}; it must be one of {', '.join(Serving.REQUEST_TYPES)}",
            UNSUPPORTED_TYPE,
        )
    encoding = parameters.get("charset", "utf-8")
    if encoding.lower() not in _ENCODINGS:
        raise RequestError(f"the charset is {encoding!r}; it must be utf-8", UNSUPPORTED_TYPE)
    return media_type


def answer_type(accept: str, of_request: str) -> str:
    """Return which of `Serving.ANSWER_TYPES` the client prefers; by default that of the request.

    Raise RequestError if it accepts none of them.

    >>> answer_type("", "text/plain"), answer_type("text/html, */*;q=0.8", "text/csv")
    ('application/json', 'text/csv')
    >>> answer_type("text/csv;q=0.5, application/json", "text/csv")
    'application/json'
    """
    default = of_request if of_request in Serving.ANSWER_TYPES else Serving.JSON
    types = (default, *Serving.ANSWER_TYPES)
    ranges = [_parsed(part) for part in accept.split(",") if part.strip()] or [("*/*", {})]
    for wanted, parameters in sorted(ranges, key=lambda it: -_quality(it[1])):
        if not _quality(parameters):
            continue
        for media_type in types:
            if wanted in (media_type, f"{media_type.split('/')[0]}/*", "*/*"):
                return media_type
    raise RequestError(
        f"Accept is {accept!r}; it must include one of {', '.join(Serving.ANSWER_TYPES)}",
        NOT_ACCEPTABLE,
    )


def _parsed(value: str) -> tuple[str, dict[str, str]]:
    """Return a media type and its parameters.

    >>> _parsed('text/csv; charset="UTF-8"')
    ('text/csv', {'charset': 'UTF-8'})
    """
    name, *parameters = value.split(";")
    pairs = (parameter.partition("=") for parameter in parameters)
    media_type = name.strip().lower()
    return _ALIASES.get(media_type, media_type), {
        key.strip().lower(): text.strip().strip('"') for key, _, text in pairs
    }


def _quality(parameters: dict[str, str]) -> float:
    try:
        return float(parameters.get("q", "1"))
    except ValueError:
        return 1.0
