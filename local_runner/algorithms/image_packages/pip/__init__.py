"""Found before the installed pip in jobs: see __main__."""
