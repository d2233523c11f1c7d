"""The training window: clips, labels, rights, settings, the run and its result, a page each."""
