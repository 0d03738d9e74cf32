"""Checks of pipeline definitions that neither the SDK nor the service's schema covers.

Input: the text of a definition. Output: a list of problems, each one line that names the step.
Knows this project's definitions only by the names of the steps that need a network.
``python -m validation FILE`` is part of ``make check``. So are two checks of the documentation:
``links`` and ``terminology``.
"""
