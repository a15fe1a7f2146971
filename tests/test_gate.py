"""The gate before every door: what it bears, what it turns away, and what it forgets."""

import pytest

from innkeeper.kit.gate import Gate, Limits, TurnedAway, source_of

HOME = "203.0.113.7"


class Watch:
    """A monotonic clock that moves when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


def test_a_burst_is_let_in_and_a_flood_is_not(watch: Watch) -> None:
    gate = Gate(Limits(burst=3, knocks_per_minute=60), clock=watch)
    for _ in range(3):
        gate.leave(gate.enter(HOME))

    with pytest.raises(TurnedAway, match="short time"):
        gate.enter(HOME)
    gate.enter("203.0.113.8")
    watch.now += 1
    gate.enter(HOME)


def test_connections_that_did_not_sign_in_are_capped_per_source(watch: Watch) -> None:
    gate = Gate(Limits(strangers_per_source=2), clock=watch)
    first = gate.enter(HOME)
    gate.enter(HOME)

    with pytest.raises(TurnedAway, match="from there"):
        gate.enter(HOME)
    gate.leave(first)
    gate.leave(first)
    gate.enter(HOME)
    with pytest.raises(TurnedAway, match="from there"):
        gate.enter(HOME)


def test_connections_that_did_not_sign_in_are_capped_in_total(watch: Watch) -> None:
    gate = Gate(Limits(strangers=2), clock=watch)
    gate.enter("203.0.113.1")
    gate.enter("203.0.113.2")

    with pytest.raises(TurnedAway, match="have not signed in"):
        gate.enter("203.0.113.3")


def test_failures_lead_to_a_ban_that_doubles(watch: Watch) -> None:
    gate = Gate(Limits(failures_until_ban=3, ban=30), clock=watch)

    for length in (30, 60, 120):
        for _ in range(3):
            gate.failed(HOME, "bob")
        with pytest.raises(TurnedAway, match="banned"):
            gate.enter(HOME)
        assert gate.banned() == {HOME: pytest.approx(length)}
        watch.now += length
        gate.leave(gate.enter(HOME))


def test_old_failures_fade(watch: Watch) -> None:
    gate = Gate(Limits(failures_until_ban=3, half_life=600), clock=watch)

    for _ in range(10):
        gate.failed(HOME, "bob")
        watch.now += 1200

    gate.enter(HOME)


def test_a_ban_can_be_lifted(watch: Watch) -> None:
    gate = Gate(Limits(failures_until_ban=1), clock=watch)
    gate.failed(HOME, "bob")

    gate.lift(HOME)

    gate.enter(HOME)


def test_answers_to_wrong_proofs_come_later_each_time_and_alike_for_any_name(watch: Watch) -> None:
    gate = Gate(Limits(failures_until_ban=1000), clock=watch)

    known = [gate.failed(HOME, "bob") for _ in range(8)]
    unknown = [gate.failed(HOME, "nobody") for _ in range(8)]

    assert known == unknown == [0.5, 1, 2, 4, 8, 8, 8, 8]


def test_a_sign_in_makes_up_for_failures(watch: Watch) -> None:
    gate = Gate(Limits(failures_until_ban=3), clock=watch)
    for _ in range(2):
        gate.failed(HOME, "bob")

    gate.succeeded(HOME, "bob")

    assert gate.failed(HOME, "bob") == 0.5
    gate.failed(HOME, "bob")
    gate.enter(HOME)


def test_leaving_without_a_try_weighs_little(watch: Watch) -> None:
    gate = Gate(Limits(failures_until_ban=1), clock=watch)
    for _ in range(4):
        gate.wasted(HOME)
    gate.enter(HOME)

    for _ in range(3):
        gate.wasted(HOME)

    with pytest.raises(TurnedAway):
        gate.enter(HOME)


def test_memory_stays_bounded_and_bans_are_kept_longest(watch: Watch) -> None:
    gate = Gate(Limits(remembered=100, failures_until_ban=1), clock=watch)
    gate.failed(HOME, "bob")

    for number in range(2000):
        gate.leave(gate.enter(f"10.0.{number // 250}.{number % 250}"))
        gate.failed("10.9.9.9", f"name{number}")

    assert len(gate._sources) <= 101
    assert len(gate._names) <= 101
    with pytest.raises(TurnedAway, match="banned"):
        gate.enter(HOME)


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("not an address", "not an address"),
    ],
)
def test_a_source_is_an_address_or_a_network(address: str, source: str) -> None:
    assert source_of(address) == source
