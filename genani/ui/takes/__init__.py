"""The takes of a span: compare, keep, reject, pin."""
