"""Every bench in turn: `make bench`, or one by itself: `python -m bench.feeds`."""

from bench import collect, dkim, feeds, mail, send, serve, variant

for one in (feeds, mail, dkim, variant, collect, send, serve):
    print(f"--- {one.__name__}")
    one.main()
