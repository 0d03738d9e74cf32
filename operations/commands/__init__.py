"""The commands of ``sentiment``: what there is to say, and nothing of how it is done.

Their modules import click and nothing that takes time; a command imports what it does when it is
called.
"""
