"""Recipients of notifications in settings: an email address, chat channels."""

from __future__ import annotations

from typing import Annotated

from pipeline_steps.settings import text

Email = Annotated[str, text(r"[^@\s]+@[^@\s]+\.[^@\s]+", "an email address")]
SlackChannel = Annotated[
    str,
    text("[0-9A-Z]{1,255}/[A-Za-z0-9]{1,256}", "a Slack workspace ID and channel ID, T.../C..."),
]
_UUID = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_PART = "[a-zA-Z0-9_=+/.,-]{0,80}"
TeamsChannel = Annotated[
    str,
    text(
        f"{_UUID}/{_UUID}/{_PART}%3[aA]{_PART}%40{_PART}",
        "the IDs in a Teams channel's link, TENANT/GROUP/19%3A...%40thread.tacv2",
    ),
]
