"""What is wrong with the cluster, in words for those who wait for a video."""

from cluster.health import AlarmCode
from webapp.container import Container
from webapp.renders.overview import look_around

_SENTENCES = {
    AlarmCode.NO_CAPACITY: "No machine is free to render at the moment: what waits begins by itself when one is back.",
    AlarmCode.NO_DISPATCHER: "Rendering has paused for a moment: what waits and what runs goes on by itself.",
    AlarmCode.STORE_FAILING: "Our records do not answer at the moment: renders go on, and are shown when they do.",
    AlarmCode.QUEUE_OLD: "Many videos are waiting: yours begins later than usual.",
}


def notice_about(container: Container) -> str:
    """The most important of what stands between people and their videos; nothing when all is well."""
    codes = {alarm.code for alarm in look_around(container.engine, container.redis).alarms}
    return next((sentence for code, sentence in _SENTENCES.items() if code in codes), "")
