"""Ways in: the command line, the web, the scheduler."""
