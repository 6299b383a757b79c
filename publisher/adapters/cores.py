"""How much this process can do at once."""

import os


def cores() -> int:
    """Those that it may use, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
