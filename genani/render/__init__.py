"""The queue, the one worker thread, and the cache of takes."""
