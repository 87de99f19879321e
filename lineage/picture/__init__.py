"""Pictures: of a graphlet (`Picture`), and of a pipeline's graphlets over time (`Timeline`)."""

from lineage.picture.collect import picture
from lineage.picture.draw import draw
from lineage.picture.fold import READABLE
from lineage.picture.model import Form, Picture
from lineage.picture.timeline import Timeline, timeline

__all__ = ["READABLE", "Form", "Picture", "Timeline", "draw", "picture", "timeline"]
