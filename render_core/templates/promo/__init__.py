"""PromoTemplate: title cards over pictures, to music."""

from render_core.templates.promo.scene import PROMO

__all__ = ["PROMO"]
