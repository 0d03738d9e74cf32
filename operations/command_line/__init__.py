"""What all commands have in common: the help, how errors are printed, and shell completion."""
