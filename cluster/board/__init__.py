"""What the dispatcher knows: jobs, the work they want, what has happened to it and who is at it. Acts on nothing."""

from cluster.board.preparing import RunningPreparation
from cluster.board.rendering import RunningRender
from cluster.board.running import RunningJob
from cluster.board.workboard import Turn, Workboard

__all__ = ["RunningJob", "RunningPreparation", "RunningRender", "Turn", "Workboard"]
