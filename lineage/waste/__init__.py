"""Which models will never be pushed: features by stage, predictors, and what stopping saves."""
