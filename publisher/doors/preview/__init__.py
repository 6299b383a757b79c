"""`publisher preview`: every mail and feed as it would go out now, on a page of this machine's own."""
