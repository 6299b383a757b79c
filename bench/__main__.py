"""Every bench in turn: `make bench`, or one by itself: `python -m bench.feeds`."""

from bench import collect, dkim, feeds, imports, mail, send, serve, variant

for one in (feeds, mail, dkim, variant, collect, imports, send, serve):
    print(f"--- {one.__name__}")
    one.main()
