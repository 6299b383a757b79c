"""`python -m publisher`."""

from publisher.doors.cli.main import main

main()
