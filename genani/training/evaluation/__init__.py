"""Scoring engines on shots whose in-betweens are known."""

from genani.training.evaluation.report import Report
from genani.training.evaluation.run import evaluate

__all__ = ["Report", "evaluate"]
