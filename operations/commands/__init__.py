"""The commands of ``sentiment``: arguments, options and help texts.

To start quickly, these modules import only click; a command imports its implementation when it is
called.
"""
