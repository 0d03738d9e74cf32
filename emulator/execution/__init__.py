"""One execution in a process of its own, which is a client of the services."""
