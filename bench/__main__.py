"""Every bench in turn: `make bench`, or one by itself: `python -m bench.feeds`."""

from bench import feeds, mail

for one in (feeds, mail):
    print(f"--- {one.__name__}")
    one.main()
