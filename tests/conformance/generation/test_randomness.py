"""Choices: each as likely as it should be, and the plainest at the smallest number."""

from collections import Counter

from attrs import define

from conformance.generation.randomness import Choices, weights


@define
class Counting:
    """A source that gives one number after the other."""

    number: int = -1

    def randbelow(self, n: int) -> int:
        """The next number."""
        self.number += 1
        return self.number % n


def test_an_option_comes_as_often_as_its_weight_says() -> None:
    """Of all numbers that a source may give, each option has as many as its weight."""
    draw, options = Choices(Counting()), weights(("plain", 3), ("odd", 1), ("never", 0), ("rare", 2))
    assert Counter(draw.weighted(options) for _ in range(12)) == {"plain": 6, "odd": 2, "rare": 4}


def test_the_first_option_comes_at_the_smallest_number() -> None:
    """A source that makes its numbers smaller comes to what stands in front, to what is no exception, to no change."""
    for_plain = [Choices(Counting()).weighted(weights(("plain", 1), ("odd", 5))), Choices(Counting()).one_of("ab")]
    assert for_plain == ["plain", "a"]
    assert not Choices(Counting()).one_in(2)


def test_what_is_seldom_comes_at_the_highest_number() -> None:
    """Once in as many times as there are numbers."""
    draw = Choices(Counting())
    assert [draw.one_in(4) for _ in range(8)] == [False, False, False, True] * 2


def test_a_shuffle_keeps_all_items() -> None:
    """Whatever the source gives, nothing is lost and nothing doubled."""
    draw = Choices(Counting())
    assert {tuple(sorted(draw.shuffled("abcd"))) for _ in range(20)} == {("a", "b", "c", "d")}
