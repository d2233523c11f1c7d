"""What the animator made: pure values, no Qt, no torch, no files."""
