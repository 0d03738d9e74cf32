"""What verbs on AWS print: for people lines and tables, for programs one JSON object.

Enters: the plain data of ``operations.aws``. Must not know: how it was come by.
"""
