"""Late dataclasses are as the standard library's are, from their first object on."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from devops_mlops_report.history.late_dataclass import dataclass


@dataclass(frozen=True)
class Sample:
    """As the records of a run are."""

    name: str
    secret: str = dataclasses.field(default="", repr=False)
    noted: list[str] = dataclasses.field(default_factory=list, compare=False)
    kind = "sample"

    @property
    def shown(self) -> str:
        """The name in capitals."""
        return self.name.upper()


@dataclass
class Counter:
    """One that changes."""

    count: int = 0


@dataclass(frozen=True)
class Empty:
    """One of nothing."""


def test_an_object_is_compared_hashed_printed_and_replaced_as_one_of_a_dataclass_is() -> None:
    one, other = Sample("a", secret="s", noted=["x"]), Sample("a", "s")
    assert one == other
    assert hash(one) == hash(other)
    assert one != Sample("b", "s")
    assert one != ("a", "s")
    assert repr(one) == "Sample(name='a', noted=['x'])"
    assert dataclasses.replace(one, name="c") == Sample("c", "s")
    assert [field.name for field in dataclasses.fields(one)] == ["name", "secret", "noted"]
    assert (one.shown, one.kind, other.noted) == ("A", "sample", [])
    assert Empty() == Empty()
    assert repr(Empty()) == "Empty()"


def test_what_is_frozen_stays_as_it_is_and_what_is_not_has_no_hash() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Sample("a").name = "b"  # type: ignore[misc]
    counter = Counter()
    counter.count += 1
    assert counter == Counter(1)
    with pytest.raises(TypeError, match="unhashable"):
        hash(counter)


def test_a_wrong_argument_is_told_as_of_every_function() -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'name'"):
        Sample()  # type: ignore[call-arg]


def test_threads_that_make_the_first_objects_at_once_all_get_one() -> None:
    for _ in range(50):

        @dataclass(frozen=True)
        class Made:
            value: int
            more: list[int] = dataclasses.field(default_factory=list)

        barrier = Barrier(4)

        def make(value: int, barrier: Barrier = barrier, made: type[Made] = Made) -> Made:
            barrier.wait()
            return made(value)

        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(make, range(4)))
        assert [(made.value, made.more) for made in found] == [(value, []) for value in range(4)]
