import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.errors import InvalidError
from webapp.webhooks.addresses import AddressPolicy, is_public

PRODUCTION = AddressPolicy()
DEVELOPMENT = AddressPolicy(allows_loopback=True)
PUBLIC = ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "192.0.3.1", "2606:4700:4700::1111", "2a00:1450:4001::1"]
INTERNAL = {
    "this host": ["0.0.0.0", "0.1.2.3", "::"],
    "loopback": ["127.0.0.1", "127.255.255.254", "::1"],
    "private": ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd12:3456::1"],
    "link-local and metadata": ["169.254.169.254", "169.254.170.2", "fe80::1", "fe80::1%eth0", "fd00:ec2::254"],
    "carrier-grade NAT": ["100.64.0.1", "100.100.100.200", "100.127.255.255"],
    "IPv4 in IPv6": ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1"],
    "NAT64": ["64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1"],
    "6to4 and Teredo": ["2002:7f00:1::", "2002:808:808::1", "2001:0:1::1", "192.88.99.1"],
    "multicast": ["224.0.0.1", "239.255.255.250", "ff02::1", "ff0e::1"],
    "reserved": ["240.0.0.1", "255.255.255.255", "192.0.0.9", "198.18.0.1", "100::1", "5f00::1", "fec0::1"],
    "documentation": ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"],
}


@pytest.mark.parametrize("address", PUBLIC)
def test_what_the_internet_routes_may_be_sent_to(address: str):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("kind", INTERNAL)
def test_what_is_not_routed_may_not(kind: str):
    assert [each for each in INTERNAL[kind] if is_public(ipaddress.ip_address(each))] == []


@given(st.ip_addresses())
def test_no_address_counts_as_public_that_python_knows_as_private(address: ipaddress.IPv4Address):
    is_inner = address.is_private or address.is_loopback or address.is_link_local or address.is_multicast
    assert not (is_inner and is_public(address))


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:", "::", "64:ff9b::"]))
def test_no_address_gets_through_in_the_clothes_of_another_family(address: ipaddress.IPv4Address, prefix: str):
    assert not is_public(ipaddress.ip_address(f"{prefix}{address}"))


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "https://example.com/hook?token=a%20b",
        "https://EXAMPLE.com:443/",
        "https://xn--e1afmkfd.xn--p1ai/hook",
        "https://8.8.8.8/hook",
        "https://[2606:4700:4700::1111]/hook",
    ],
)
def test_a_public_https_address_is_taken(url: str):
    assert PRODUCTION.parse(url).port == 443


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://example.com/", "https://"),
        ("https://example.com:8443/", "443"),
        ("https://example.com:0/", "no address"),
        ("https://example.com:99999/", "no address"),
        ("ftp://example.com/", "no address"),
        ("file:///etc/passwd", "no address"),
        ("gopher://example.com/", "no address"),
        ("example.com/hook", "no address"),
        ("https:///hook", "no address"),
        ("https://[::1/", "no address"),
        ("https://exa$mple.com/", "no address"),
        ("", "no spaces"),
        ("https://пример.рф/", "xn--"),
        ("https://example.com/a b", "no spaces"),
        ("https://example.com/\r\nHost: inside", "no spaces"),
        ("https://example.com\\@127.0.0.1/", "no spaces"),
        ("https://user:word@example.com/", "name and password"),
        ("https://@example.com/", "name and password"),
        ("https://example.com/#part", "#"),
        ("https://example.com/" + "a" * 2000, "2000"),
        ("https://localhost/", "public"),
        ("https://localhost./", "public"),
        ("https://app.localhost/", "public"),
        ("https://127.0.0.1/", "public"),
        ("https://169.254.169.254/latest/meta-data", "public"),
        ("https://[::1]/", "public"),
        ("https://[::ffff:127.0.0.1]/", "public"),
        ("https://[fe80::1%25eth0]/", "public"),
    ],
)
def test_an_address_that_cannot_be_sent_to_is_refused_with_the_reason(url: str, words: str):
    with pytest.raises(InvalidError, match=words.replace(".", r"\.")) as refused:
        PRODUCTION.parse(url)
    assert refused.value.field == "url"


@pytest.mark.parametrize("url", ["http://localhost:8000/hook", "http://127.0.0.1:8000/", "https://[::1]:8443/"])
def test_one_s_own_machine_is_allowed_in_development_alone(url: str):
    assert DEVELOPMENT.parse(url).path.startswith("/")
    with pytest.raises(InvalidError):
        PRODUCTION.parse(url)


@pytest.mark.parametrize(
    "url", ["http://example.com/", "http://10.0.0.1/", "https://192.168.1.1/", "http://redis:6379/"]
)
def test_development_opens_the_loopback_and_nothing_else(url: str):
    with pytest.raises(InvalidError):
        DEVELOPMENT.parse(url)


def test_the_receiver_is_told_the_name_it_was_called_by():
    assert PRODUCTION.parse("https://EXAMPLE.com:443/").host_header == "example.com"
    assert DEVELOPMENT.parse("https://example.com:8443/").host_header == "example.com:8443"
    assert DEVELOPMENT.parse("http://[::1]:8000/").host_header == "[::1]:8000"
