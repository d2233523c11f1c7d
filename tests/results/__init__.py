"""The parts of `tests.drive_results`: each uses one system of issue 8 as a person does."""

from tests.results.animate import animate
from tests.results.attach import attach
from tests.results.digits import digits
from tests.results.seeds import seeds
from tests.results.stylise import stylise

__all__ = ["animate", "attach", "digits", "seeds", "stylise"]
