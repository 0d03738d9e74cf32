"""Native libraries that can't be loaded: what is missing, and how to install it.

Python packages such as xgboost load libraries of the system. If one is missing, the loader's
message is long, and it differs between systems.
"""

from __future__ import annotations

import re
import sys

_MISSING = re.compile(
    r"Library not loaded: (?:\S*/)?(?P<dyld>[\w.+-]+)"  # macOS
    r"|(?P<glibc>[\w.+-]+\.so[.\d]*): cannot open shared object file"
    r"|Error loading shared library (?P<musl>[\w.+-]+)"
    r"|XGBoost Library \((?P<xgboost>[\w.+-]+)\) could not be loaded"
)
_OPENMP = re.compile(r"lib(?:g?omp|xgboost)\b")
_INSTALL_OPENMP = {
    "darwin": "install OpenMP with `brew install libomp`",
    "linux": "install OpenMP with `apt-get install libgomp1` (Debian, Ubuntu) or `dnf install "
    "libgomp` (Fedora, Amazon Linux)",
}


def missing_library(output: str, system: str = sys.platform) -> str | None:
    """Return which library a program couldn't load and the remedy; None if none is missing.

    output: what the program printed; only the last traceback counts, if there is one.
    system: as in `sys.platform`.
    """
    found = list(_MISSING.finditer(output.rpartition("Traceback (most recent call last)")[2]))
    if not found:
        return None
    # XGBoost names itself first, then in the loader's message the library that it needs.
    name = next(filter(None, found[-1].groups()))
    install = "install the system package that contains it"
    if _OPENMP.match(name):
        install = _INSTALL_OPENMP.get(system, "install OpenMP")
    return f"the library {name} can't be loaded; {install}"
