"""Dataclasses whose methods are written when the first object of theirs is made.

The standard library writes and compiles the methods of each as its module is imported. A run imports a hundred of them,
and makes no object of half; of the others few are compared or printed, which needs no code of their own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(cls: type | None = None, /, *, frozen: bool = False) -> Any:
        """As the standard library's, for a class that nobody asks for its fields before there is an object."""
        if cls is None:
            return lambda decorated: dataclass(decorated, frozen=frozen)

        def begin(self: object, *arguments: Any, **named: Any) -> None:
            _finish(cls, begin, is_frozen=frozen)
            self.__init__(*arguments, **named)

        cls.__init__ = begin
        return cls


__all__ = ["dataclass"]

_turn = Lock()
_OF_EVERY_CLASS = ("__init__", "__dict__", "__weakref__")


def _finish(cls: type, begin: Callable[..., None], *, is_frozen: bool) -> None:
    """Give the class what it lacks. It is made beside itself: other threads see it as it was until it is finished."""
    with _turn:
        if vars(cls)["__init__"] is not begin:
            return
        before = {name: value for name, value in vars(cls).items() if name not in _OF_EVERY_CLASS}
        made = type(cls)(cls.__name__, cls.__bases__, dict(before))
        dataclasses.dataclass(made, frozen=is_frozen, eq=False, repr=False)
        after = _shared_methods(made, is_frozen=is_frozen) | vars(made)
        for name in before.keys() - after.keys():
            delattr(cls, name)  # A default that is made anew for each object.
        for name, value in after.items():
            if name not in _OF_EVERY_CLASS and not (name in before and before[name] is value):
                setattr(cls, name, value)
        cls.__init__ = after["__init__"]  # type: ignore[misc]


def _shared_methods(made: type, *, is_frozen: bool) -> dict[str, Any]:
    """What compares and prints, and, of what never changes, hashes: as the standard library's own do."""
    fields = dataclasses.fields(made)
    names = [field.name for field in fields if field.compare]
    compared = attrgetter(*names) if names else lambda _: ()
    printed = [field.name for field in fields if field.repr]

    def is_equal(self: object, other: object) -> Any:
        return compared(self) == compared(other) if other.__class__ is self.__class__ else NotImplemented

    def shown(self: object) -> str:
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in printed)
        return f"{type(self).__qualname__}({values})"

    def hashed(self: object) -> int:
        return hash(compared(self))

    return {"__eq__": is_equal, "__repr__": shown, "__hash__": hashed if is_frozen else None}
