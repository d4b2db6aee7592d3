"""The claims of the paper and of its authors' talk, each with a verdict that one rule makes of the evidence.

A claim is a function that collects comparisons from the record and from this build, with a decorator that says what is
claimed, by whom and what would decide it (:func:`zslib.studies.record.claims.claim.claim`). To add one is to write one,
and a section about it in the chapter.
"""

from zslib.studies.record.claims import frozen, learning
from zslib.studies.record.claims.claim import BUILD, CLAIMS, Assessment, Build, Claim, Evidence, assess

__all__ = ["BUILD", "CLAIMS", "Assessment", "Build", "Claim", "Evidence", "assess", "frozen", "learning"]
