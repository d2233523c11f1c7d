"""The timeline: layers as rows, frames as columns."""
