"""Output of the commands: text, or one JSON object.

Input: the plain data of ``operations.aws`` and ``operations.local``. Must not know: where it comes
from.
"""
