"""Programs that are not ours and judge what we send and show."""
