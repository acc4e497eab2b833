import threading

from redis import Redis

from webapp.rates import MemoryRates, Quota, RedisRates

THREE = Quota("reads", 3, window_s=60)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_all_of_a_quota_may_be_spent_at_once_and_comes_back_evenly():
    clock = Clock()
    rates = MemoryRates(clock)
    assert [rates.take("ann", THREE).left for _ in range(3)] == [2, 1, 0]
    refused = rates.take("ann", THREE)
    assert (refused.is_allowed, refused.left, refused.wait_s) == (False, 0, 20)
    clock.now += 19.9
    assert not rates.take("ann", THREE).is_allowed
    clock.now += 0.2
    assert rates.take("ann", THREE).is_allowed
    clock.now += 60
    assert rates.take("ann", THREE).left == 2


def test_callers_and_quotas_do_not_know_each_other():
    rates = MemoryRates(Clock())
    for _ in range(4):
        rates.take("ann", THREE)
    assert rates.take("bob", THREE).is_allowed
    assert rates.take("ann", Quota("writes", 3)).is_allowed


def test_asking_in_vain_costs_nothing():
    clock = Clock()
    rates = MemoryRates(clock)
    for _ in range(50):
        rates.take("ann", THREE)
    clock.now += 20
    assert rates.take("ann", THREE).is_allowed


def test_a_storm_of_callers_does_not_grow_the_memory():
    rates = MemoryRates(Clock(), most_keys=100)
    for number in range(1000):
        rates.take(str(number), THREE)
    assert len(rates._full_at) <= 100


def test_processes_share_a_quota_through_redis(own_redis_url: str):
    with Redis.from_url(own_redis_url) as redis:
        redis.flushdb()
        here, there = RedisRates(redis), RedisRates(redis)
        assert [rates.take("ann", THREE).left for rates in (here, there, here)] == [2, 1, 0]
        refused = there.take("ann", THREE)
        assert not refused.is_allowed
        assert 0 < refused.wait_s <= 20
        assert 0 < redis.pttl("reelgrove:rate:reads:ann") <= 60_000


def test_no_request_is_counted_twice_or_not_at_all_at_once(own_redis_url: str):
    allowed = []
    with Redis.from_url(own_redis_url) as redis:
        redis.flushdb()
        rates = RedisRates(redis)
        many = [
            threading.Thread(target=lambda: allowed.append(rates.take("ann", Quota("q", 5)).is_allowed))
            for _ in range(20)
        ]
        for one in many:
            one.start()
        for one in many:
            one.join()
    assert sum(allowed) == 5


def test_without_redis_each_process_counts_for_itself_and_soon_asks_again():
    clock = Clock()
    with Redis.from_url("redis://127.0.0.1:1/0") as redis:
        rates = RedisRates(redis, clock)
        assert [rates.take("ann", THREE).is_allowed for _ in range(4)] == [True, True, True, False]
        assert rates._ask_again_at > clock.now
