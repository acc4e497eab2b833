from uuid import UUID, uuid4

import pytest

from render_core.errors import InvalidInputError
from tests.factories import make_clip
from tests.webapp.product import Product
from webapp.accounts.service import Actor
from webapp.errors import InvalidError, NotFoundError
from webapp.models import AssetType
from webapp.previews.captions import CaptionOrder, ordered_words, spoken_words

SRT = "1\n00:00:01,000 --> 00:00:02,000\n<i>hello</i>\n"


@pytest.fixture
def ann(small_product: Product) -> Actor:
    return small_product.user("ann")


@pytest.fixture
def late_speaker(small_product: Product, ann: Actor, tmp_path) -> UUID:
    """An avatar of four seconds who speaks from the second one on."""
    clip = make_clip(tmp_path / "late.mp4", frames=120, tone_hz=300, sound_at=2.0)
    return small_product.upload(ann, clip).id


def order(text: str, *, template: str = "LipSyncTemplate", avatar: UUID | None = None, **more: object) -> CaptionOrder:
    assets = {"lipSyncVideo": avatar} if avatar else {}
    return CaptionOrder(template_name=template, user_assets=assets, captionText=text, **more)


def made(product: Product, actor: Actor, wanted: CaptionOrder) -> list[tuple[str, int, int]]:
    words = product.do(lambda session: ordered_words(session, actor, wanted))
    return [(word.text, word.start, word.end) for word in words]


def test_plain_text_is_spread_over_what_the_avatar_says(small_product: Product, ann: Actor, late_speaker: UUID):
    (one, start, middle), (two, again, end) = made(small_product, ann, order("good morning", avatar=late_speaker))
    assert (one, two) == ("good", "morning")
    assert start == pytest.approx(2000, abs=60)
    assert middle == again
    assert end == pytest.approx(4000, abs=60)


def test_subtitles_bring_their_own_times(small_product: Product, ann: Actor):
    assert made(small_product, ann, order(SRT)) == [("hello", 1000, 2000)]


def test_where_nobody_speaks_the_whole_video_is_used(small_product: Product, ann: Actor):
    silent = small_product.upload(ann, small_product.media.silent).id
    assert made(small_product, ann, order("hello", avatar=silent)) == [("hello", 0, 1000)]
    assert made(small_product, ann, order("hello", avatar=silent, duration=9)) == [("hello", 0, 9000)]


def test_the_editor_gets_the_same_words(small_product: Product, ann: Actor, late_speaker: UUID):
    words = small_product.do(lambda session: spoken_words(session, ann, "good morning", late_speaker))
    assert [(word.text, word.start, word.end) for word in words] == (
        made(small_product, ann, order("good morning", avatar=late_speaker))
    )


def test_somebody_elses_avatar_is_not_listened_to(small_product: Product, late_speaker: UUID):
    bob = small_product.user("bob")
    with pytest.raises(NotFoundError) as caught:
        made(small_product, bob, order("words", avatar=late_speaker))
    assert caught.value.field == "user_assets.lipSyncVideo"
    with pytest.raises(NotFoundError):
        made(small_product, bob, order("words", avatar=uuid4()))


@pytest.mark.parametrize(
    ("wanted", "field", "says"),
    [
        (order("1\n00:00:01,000 --> oops\nx"), "captionText", "line 2: “oops” is no time"),
        (order("x" * 200_001), "captionText", "200001 characters long; at most 200000"),
        (order("a " * 10_001), "captionText", "10001 words; at most 10000"),
        (order(" \n "), "captionText", "has no words"),
        (order("words"), "captionText", "choose an avatar"),
        (order("words", template="PromoTemplate"), "template_name", "has no captions"),
        (order("words", template="Nothing"), "template_name", "there is no template"),
    ],
)
def test_what_makes_no_words_is_refused_with_its_field(small_product: Product, ann: Actor, wanted, field, says):
    with pytest.raises(InvalidInputError) as caught:
        made(small_product, ann, wanted)
    assert caught.value.field == field
    assert says in caught.value.problem


def test_characters_that_no_database_stores_are_refused(small_product: Product, ann: Actor):
    with pytest.raises(InvalidError):
        made(small_product, ann, order("nul \x00"))


def test_only_the_avatar_is_looked_at(small_product: Product, ann: Actor, late_speaker: UUID):
    music = small_product.upload(ann, small_product.media.music, AssetType.MUSIC).id
    chosen = {"backgroundMusic": music, "coverImage": uuid4(), "lipSyncVideo": late_speaker}
    wanted = CaptionOrder(template_name="LipSyncTemplate", user_assets=chosen, captionText="hi")
    assert made(small_product, ann, wanted)[0][1] == pytest.approx(2000, abs=60)
