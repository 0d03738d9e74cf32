"""Errors in the user's input, in the image's words."""


class UserError(Exception):
    """The job's hyperparameters, channels or data are invalid."""
