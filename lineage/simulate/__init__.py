"""A corpus of ML pipelines that never ran, for trying and measuring: `simulate`."""

from lineage.simulate.profile import Profile
from lineage.simulate.profiles import PROFILES
from lineage.simulate.simulate import Simulated, simulate

__all__ = ["PROFILES", "Profile", "Simulated", "simulate"]
