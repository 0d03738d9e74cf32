"""One execution in a process of its own, which speaks with the services as a client does."""
