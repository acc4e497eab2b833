"""NewsTemplate: a presenter in a studio, b-roll with headlines, a lower third, a ticker."""

from render_core.templates.news.scene import NEWS

__all__ = ["NEWS"]
