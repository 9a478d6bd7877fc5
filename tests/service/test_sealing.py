"""What is stored instead of a phone number."""

import base64

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from service.policy.conversation import MessageSid, PhoneNumber
from service.sealing import BadKeys, SealBroken, Sealer

NUMBER = PhoneNumber("+15005550006")
PEPPER = "pepper-of-the-tests-" + "x" * 20
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def a_sealer(*keys: str, pepper: str = PEPPER) -> Sealer:
    return Sealer(keys or (NEW,), pepper)


@given(st.text())
def test_a_number_that_was_sealed_can_be_dialled_again(number: str):
    sealer = a_sealer()

    assert sealer.open(sealer.seal(PhoneNumber(number))) == number


def test_an_odd_sender_does_not_break_the_sealing():
    sealer = a_sealer()
    lone_surrogate = PhoneNumber("\ud83d")

    assert sealer.open(sealer.seal(lone_surrogate)) == lone_surrogate
    assert sealer.key_of(lone_surrogate)


def test_the_same_number_sealed_twice_does_not_look_the_same():
    sealer = a_sealer()

    assert sealer.seal(NUMBER) != sealer.seal(NUMBER)


def test_neither_the_seal_nor_the_key_shows_the_number():
    sealer = a_sealer()

    for stored in (sealer.seal(NUMBER), base64.urlsafe_b64decode(sealer.seal(NUMBER)), sealer.key_of(NUMBER)):
        assert NUMBER.strip("+") not in str(stored)


def test_somebody_keeps_their_key_while_the_sealing_keys_rotate():
    assert a_sealer(OLD).key_of(NUMBER) == a_sealer(NEW, OLD).key_of(NUMBER)


def test_a_number_sealed_before_a_rotation_opens_after_it():
    assert a_sealer(NEW, OLD).open(a_sealer(OLD).seal(NUMBER)) == NUMBER


def test_after_a_rotation_the_newest_key_seals():
    assert a_sealer(NEW).open(a_sealer(NEW, OLD).seal(NUMBER)) == NUMBER


@pytest.mark.parametrize("token", ["", "x", "gAAAAAB", "é", a_sealer(OLD).seal(NUMBER)], ids=range(5))
def test_without_the_right_key_a_sealed_number_stays_shut(token: str):
    with pytest.raises(SealBroken) as caught:
        a_sealer(NEW).open(token)

    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_two_people_have_two_keys():
    sealer = a_sealer()

    assert sealer.key_of(NUMBER) != sealer.key_of(PhoneNumber("+15005550007"))


def test_a_key_is_of_no_use_without_the_pepper():
    assert a_sealer().key_of(NUMBER) != a_sealer(pepper="another-" + PEPPER).key_of(NUMBER)


def test_a_person_and_a_message_never_share_a_key():
    sealer = a_sealer()

    assert sealer.key_of(PhoneNumber("SM1")) != sealer.hash_sid(MessageSid("SM1"))


def test_the_fingerprint_tells_one_pepper_from_another_and_is_not_the_pepper():
    assert a_sealer().pepper_fingerprint == a_sealer(OLD).pepper_fingerprint
    assert a_sealer().pepper_fingerprint != a_sealer(pepper=PEPPER + "x").pepper_fingerprint
    assert PEPPER not in a_sealer().pepper_fingerprint


@pytest.mark.parametrize("key", [NEW, NEW.rstrip("="), f" {NEW}\n"], ids=["with", "without", "spaced"])
def test_a_key_is_taken_with_and_without_its_padding(key: str):
    assert a_sealer(key).open(a_sealer(NEW).seal(NUMBER)) == NUMBER


@pytest.mark.parametrize(
    "bad", ["", "short", "a passphrase of more than thirty-two letters", NEW + "A", "é" * 44], ids=range(5)
)
def test_a_bad_key_is_named_by_its_place_and_not_shown(bad: str):
    with pytest.raises(BadKeys, match="key 2 of NIGHTLIGHT_KEYS is not 32 random bytes") as caught:
        a_sealer(NEW, bad)

    assert not bad or bad not in str(caught.value)


def test_no_key_at_all_is_refused():
    with pytest.raises(BadKeys, match="NIGHTLIGHT_KEYS is empty"):
        Sealer((), PEPPER)


def test_a_short_pepper_is_refused_and_not_shown():
    with pytest.raises(BadKeys, match="at least 32") as caught:
        a_sealer(pepper="secret")

    assert "secret" not in str(caught.value)
