"""The one loop between the rows of the database and the cluster, and what it does for it."""

from cluster.dispatcher.loop import Dispatcher, DispatcherOptions, Surroundings

__all__ = ["Dispatcher", "DispatcherOptions", "Surroundings"]
