from collections import Counter

from tests.chaos.fates import Fate, StorePlan, Turns, request_name

_PUT = "PUT /media/cells/ab/abcdef.mp4"


def _fates(seed: int, share: float = 0.2, requests: int = 2000) -> list[Fate | None]:
    plan = StorePlan(seed, share)
    return [plan.fate(f"GET {number}", 1) for number in range(requests)]


def test_a_seed_decides_all_fates():
    assert _fates(1) == _fates(1)
    assert _fates(1) != _fates(2)


def test_the_share_is_kept_and_every_fate_comes():
    given = Counter(_fates(3))
    assert 1500 < given[None] < 1700
    assert set(given) == {None, *Fate}
    assert given[Fate.NO_ANSWER] == min(given[fate] for fate in Fate)


def test_without_a_share_nothing_goes_wrong():
    assert set(_fates(1, share=0.0)) == {None}


def test_a_request_asked_again_has_another_fate():
    plan = StorePlan(1, 0.5)
    assert len({plan.fate(_PUT, turn) for turn in range(50)}) > 3


def test_identifiers_of_rows_do_not_matter():
    one = "/media/rendered-videos/0b54a1d2-1111-4222-8333-444444444444/x.mp4?partNumber=1"
    other = "/media/rendered-videos/9c54a1d2-9999-4222-8333-444444444444/x.mp4"
    assert request_name("PUT", one) == request_name("PUT", other) == "PUT /media/rendered-videos/*/x.mp4"


def test_the_order_of_different_requests_does_not_matter():
    names = [f"/media/cells/{number}" for number in range(50)] * 2
    forth, back = (Turns(StorePlan(7, 0.3).fate) for _ in range(2))
    there = sorted((name, str(forth.next_fate("GET", name))) for name in names)
    assert there == sorted((name, str(back.next_fate("GET", name))) for name in reversed(names))
    assert forth.given == back.given


def test_an_outage_refuses_so_many_requests_and_is_counted():
    turns = Turns(StorePlan(1, 0.0).fate)
    turns.refuse(3)
    assert [turns.next_fate("GET", "/x") for _ in range(4)] == [Fate.BUSY] * 3 + [None]
    assert turns.given == {Fate.BUSY: 3}
