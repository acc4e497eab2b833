import base64
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from webapp.models import utc_now
from webapp.webhooks.signatures import SecretBox, SecretLostError, new_secret, sign

BODY = '{"type":"ping","data":{"words":"Привет"}}'.encode()


def test_the_published_example_has_the_published_signature():
    moment = datetime.fromtimestamp(1614265330, UTC)
    key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    headers = sign([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", moment, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-timestamp"] == "1614265330"


def test_another_implementation_of_the_standard_believes_our_signature():
    secret = new_secret()
    assert Webhook(secret).verify(BODY, sign([secret], "msg_1", utc_now(), BODY))["data"] == {"words": "Привет"}


def test_it_believes_neither_another_body_nor_an_old_timestamp_nor_another_secret():
    secret = new_secret()
    headers = sign([secret], "msg_1", utc_now(), BODY)
    old = sign([secret], "msg_1", utc_now() - timedelta(minutes=6), BODY)
    for key, body, told in [(secret, BODY + b" ", headers), (secret, BODY, old), (new_secret(), BODY, headers)]:
        with pytest.raises(WebhookVerificationError):
            Webhook(key).verify(body, told)


def test_while_a_secret_is_changed_both_are_believed():
    new, old = new_secret(), new_secret()
    headers = sign([new, old], "msg_1", utc_now(), BODY)
    assert Webhook(new).verify(BODY, headers)
    assert Webhook(old).verify(BODY, headers)


def test_a_secret_is_long_enough_for_the_standard_and_never_the_same():
    first, second = new_secret(), new_secret()
    assert first != second
    assert len(base64.b64decode(first.removeprefix("whsec_"))) >= 24


def test_a_secret_is_kept_encrypted_under_the_product_s_own():
    secret = new_secret()
    sealed = SecretBox("ours").seal(secret)
    assert secret.removeprefix("whsec_") not in sealed
    assert SecretBox("ours").open(sealed) == secret
    with pytest.raises(SecretLostError, match="make a new one"):
        SecretBox("another").open(sealed)
