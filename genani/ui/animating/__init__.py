"""The dialog that makes a drawing move."""
