"""LipSyncTemplate: a talking head with b-roll and a round badge."""

from render_core.templates.lip_sync.scene import LIP_SYNC

__all__ = ["LIP_SYNC"]
