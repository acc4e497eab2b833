"""The cluster at a glance: what its dispatcher shows, and what the database knows when that or Redis is away."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from cluster.health import Alarm, AlarmCode, ClusterHealth
from webapp.db import unit_of_work
from webapp.models import utc_now
from webapp.renders.figures import LeaseFigures, PlanFigures, count_open_jobs, find_lease
from webapp.renders.outbox import HEALTH_TTL_S, read_health

_NO_DISPATCHER = "No dispatcher is at work, so jobs wait: start one with `reelgrove up` or `reelgrove dispatch`."
_DATABASE_AWAY = "The database does not answer: nothing can be asked for, and nothing is written down."
_STALE_S = 5.0
_UNKNOWN = "machines, tasks and its alarms are not known"

_Rows = tuple[LeaseFigures | None, tuple[PlanFigures, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What is known of the cluster.

    Attributes:
        lease: Of the dispatcher; None where there was never one, or the database is away.
        snapshot: What the dispatcher shows through Redis.
        plans: Jobs that wait or run; None while the database is away.
        missing: Sentences about what could not be asked, and what is therefore not known.
    """

    at: datetime
    lease: LeaseFigures | None
    snapshot: ClusterHealth | None
    plans: tuple[PlanFigures, ...] | None
    alarms: tuple[Alarm, ...]
    missing: tuple[str, ...]

    @property
    def is_healthy(self) -> bool:
        """Whether a dispatcher is at work and there are no alarms."""
        return not self.alarms


def look_around(engine: Engine, redis: Redis | None) -> Overview:
    """Ask everyone; who does not answer is among what is missing."""
    now = utc_now()
    snapshot, silence = _ask_redis(redis)
    told = _ask_database(engine)
    lease, plans = told or (None, None)
    alarms = {alarm.code: alarm for alarm in (*(snapshot.alarms if snapshot else ()), *_own_alarms(told, now))}
    return Overview(
        at=now,
        lease=lease,
        snapshot=snapshot,
        plans=plans,
        alarms=tuple(alarms.values()),
        missing=(silence,) if silence else (),
    )


def latest_health(redis: Redis | None) -> ClusterHealth | None:
    """What the dispatcher shows; None when it shows nothing or Redis is away."""
    return _ask_redis(redis)[0]


def _ask_redis(redis: Redis | None) -> tuple[ClusterHealth | None, str]:
    """What the dispatcher shows, and what is wrong with that."""
    if redis is None:
        return None, f"There is no Redis through which the dispatcher could show itself: {_UNKNOWN}."
    try:
        health = read_health(redis)
    except RedisError:
        return None, f"Redis does not answer: {_UNKNOWN}."
    if health is None:
        return None, f"The dispatcher has shown nothing for {HEALTH_TTL_S} seconds: {_UNKNOWN}."
    age_s = (utc_now() - health.at).total_seconds()
    is_old = age_s > _STALE_S
    return health, f"What it shows is {age_s:.0f} seconds old: it is busy, or has just gone." if is_old else ""


def _ask_database(engine: Engine) -> _Rows | None:
    """The lease and the jobs; None when it does not answer."""
    try:
        with unit_of_work(engine, is_read_only=True) as session:
            return find_lease(session), count_open_jobs(session)
    except SQLAlchemyError:
        return None


def _own_alarms(told: _Rows | None, now: datetime) -> Iterator[Alarm]:
    """What the dispatcher cannot tell: that it is not there, or that nobody can ask for anything."""
    if told is None:
        yield Alarm(code=AlarmCode.STORE_FAILING, message=_DATABASE_AWAY, since=now)
    elif told[0] is None or not told[0].is_alive:
        since = told[0].expires_at if told[0] else now
        yield Alarm(code=AlarmCode.NO_DISPATCHER, message=_NO_DISPATCHER, since=since)
