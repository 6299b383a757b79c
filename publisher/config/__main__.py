"""Nothing -> docs/CONFIG.md, on standard output: `python -m publisher.config > docs/CONFIG.md`."""

import sys

from publisher.config.reference import reference

if __name__ == "__main__":
    sys.stdout.write(reference())
