"""The bytes of a message -> every fault in them, by rules that know nothing of how they were made."""
