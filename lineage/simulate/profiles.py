"""Profiles by name: corpora in which one thing alone decides whether a model is pushed.

They are for measuring predictors: of each it is known beforehand what can be learned from it.
"""

from __future__ import annotations

from typing import Any

from lineage.simulate.profile import Profile

OTHER = "other"
"""Name of a profile that has none."""

_NO_ACCIDENTS: dict[str, Any] = {"failure": 0.0, "trainer_failure": 0.0, "pusher": 1.0}
_NO_POLICY: dict[str, Any] = {"gate": 0.0, "fresh": 0.0}
# A person who pushes all that is good, at once: nobody asks when the last push was.
_PUSH_WHAT_IS_GOOD: dict[str, Any] = {"manual": 1.0, "manual_push": 1.0, "manual_hours": 0.0}
# Always good, but for one thing; it must then be so bad that a slight jump will do.
_GOOD: dict[str, Any] = {
    "evaluator": 1.0,
    "infra_validator": 0.0,
    "blessing_noise": 0.0,
    "blessing_drift": 0.0,
    "blessing_code": 0.0,
    "blessing_structure": 0.0,
}
_UNSEEN: dict[str, Any] = {"evaluator": 0.0, "infra_validator": 0.0, "restructure": 0.0}

PROFILES: dict[str, Profile] = {
    "default": Profile(),
    # A person throws a coin; nobody looks at the model, and no policy asks when the last one was.
    "chance": Profile(**_NO_ACCIDENTS | _NO_POLICY | _UNSEEN, manual=1.0, manual_push=0.5),
    # Known once the data is there. Jumps are frequent, so that there is something to learn from.
    "drift": Profile(
        **_NO_ACCIDENTS
        | _NO_POLICY
        | _PUSH_WHAT_IS_GOOD
        | _GOOD
        | {"restructure": 0.0, "shock": 0.15, "blessing": 30.0, "blessing_drift": -500.0}
    ),
    # Known before the run, from when the pipeline pushed before, and how often.
    "policy": Profile(
        **_NO_ACCIDENTS | _NO_POLICY | _UNSEEN,
        manual=0.3,
        throttle={1.0: 0.4, 3.0: 0.3, 7.0: 0.3},
    ),
    # Known once the shape is. A change may take the evaluation away; then all is pushed.
    "code": Profile(
        **_NO_ACCIDENTS
        | _NO_POLICY
        | _PUSH_WHAT_IS_GOOD
        | _GOOD
        | {
            "code_change": 0.2,
            "restructure": 0.02,
            "servable": 1.0,
            "blessing": 20.0,
            "blessing_code": -60.0,
            "blessing_structure": -60.0,
        }
    ),
}
"""The profiles that have a name, by name."""


def name_of(profile: Profile) -> str:
    """The name of a profile; `other` if it has none."""
    return next((name for name, one in PROFILES.items() if one == profile), OTHER)
