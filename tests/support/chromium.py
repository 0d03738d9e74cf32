"""Headless Chromium, driven by its DevTools protocol over a pair of pipes."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)

_SECONDS = 60

# Chromium reads messages from descriptor 3 and writes them to 4.
_LAUNCH = """
import fcntl, os, sys
pipes = [fcntl.fcntl(int(pipe), fcntl.F_DUPFD, 5) for pipe in sys.argv[1:3]]
for number, pipe in enumerate(pipes, start=3):
    os.dup2(pipe, number)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Page:
    """A tab. problems: its exceptions, errors on its console, and requests that it blocked."""

    def __init__(self, to: int, of: int) -> None:
        self._to, self._of = to, of
        self._buffer = b""
        self._number = 0
        self._session: Mapping[str, str] = {}
        self._loaded = False
        self.problems: list[str] = []
        self.requests: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = {"sessionId": attached["sessionId"]}
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> Any:
        """Call a method of the protocol and return its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters, **self._session}
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            found = self._next()
            if found.get("id") == self._number:
                assert "error" not in found, found
                return found["result"]

    def open(self, url: str, width: int = 1280, height: int = 800, scheme: str = "light") -> None:
        """Load a page at the size of a window, in a color scheme."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.call("Emulation.setEmulatedMedia", features=[feature])
        self._loaded = False
        self.call("Page.navigate", url=url)
        while not self._loaded:
            self._next()

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression, of a promise that with which it ends."""
        found = self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def until(self, condition: str) -> None:
        """Return when a condition in JavaScript holds; it is checked before each frame."""
        self.evaluate(
            "new Promise(done => { const look = () => "
            f"({condition}) ? done() : requestAnimationFrame(look); look() }})"
        )

    def type(self, text: str) -> None:
        """Type a text where the focus is."""
        self.call("Input.insertText", text=text)

    def press(self, key: str, code: int, modifiers: int = 0) -> None:
        """Press and release a key. modifiers: 2 for Ctrl, 8 for Shift."""
        for kind in ("rawKeyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key,
                windowsVirtualKeyCode=code,
                modifiers=modifiers,
            )

    def _next(self) -> Any:
        """Return the next message, and note what it reports."""
        while b"\0" not in self._buffer:
            assert select.select([self._of], [], [], _SECONDS)[0], "Chromium doesn't respond"
            data = os.read(self._of, 1 << 16)
            assert data, "Chromium ended"
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\0")
        message = json.loads(line)
        parameters = message.get("params", {})
        match message.get("method"):
            case "Page.loadEventFired":
                self._loaded = True
            case "Runtime.exceptionThrown":
                self.problems.append(parameters["exceptionDetails"]["text"])
            case "Log.entryAdded":
                self.problems.append(parameters["entry"]["text"])
            case "Network.requestWillBeSent":
                self.requests.append(parameters["request"]["url"])
        return message


@contextlib.contextmanager
def browser(folder: Path) -> Iterator[Page]:
    """Yield a tab of a new browser. folder: for its profile."""
    assert CHROMIUM
    (its_input, to), (of, its_output) = os.pipe(), os.pipe()
    program = subprocess.Popen(
        [
            *(sys.executable, "-c", _LAUNCH, str(its_input), str(its_output)),
            *(CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"),
            *("--disable-dev-shm-usage", "--disable-background-networking"),
            *("--remote-debugging-pipe", f"--user-data-dir={folder}"),
        ],
        pass_fds=(its_input, its_output),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(its_input)
    os.close(its_output)
    try:
        yield Page(to, of)
    finally:
        os.close(to)
        os.close(of)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(program.pid, 9)
        program.wait()
