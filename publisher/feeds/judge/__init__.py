"""Documents as they are served -> every fault in them, by rules that know nothing of how they were made."""
