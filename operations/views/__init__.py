"""What verbs print: for people lines and tables, for programs one JSON object.

Enters: the plain data of ``operations.aws`` and ``operations.local``. Must not know: how it was
come by.
"""
