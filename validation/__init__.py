"""Checks of the rendered definition that the SDK and the service's own schema leave out.

Enters: a definition's text. Leaves: a list of problems, each one line that names the step.
``python -m validation FILE`` is part of ``make check``.
"""
