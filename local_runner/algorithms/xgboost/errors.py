"""What the algorithm says of bad input, in the image's words."""


class UserError(Exception):
    """The job's hyperparameters, channels or data are at fault."""
