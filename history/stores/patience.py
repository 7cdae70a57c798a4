"""How long to try: pauses that grow at random, so that writers who collided don't collide again, and their end."""

from __future__ import annotations

import random
import time
from dataclasses import field

from ..errors import LocationError, UnreachableError
from ..late_dataclass import dataclass
from .git_failures import PassingError, RateLimitError, RejectedPushError, StepTimeoutError


@dataclass(frozen=True)
class Patience:
    """The bounds of one `load` or `save`. The defaults let 50 writers at once through."""

    attempts: int = 200
    """Pushes at most."""
    seconds: float = 600
    """After so long no other attempt is begun."""
    failures: int = 5
    """Failures in a row of the network or the host at most; a collision with another writer is none."""
    first_pause: float = 0.5
    """Seconds to the shortest pause after a collision, unless the attempt itself took longer."""
    longest_pause: float = 30
    rate_limit_pause: float = 15
    """Seconds to the shortest pause after a 429; the longest is three times that."""
    step_seconds: float = 180
    """A single git command that takes longer is ended."""


@dataclass
class Trial:
    """One `load` or `save` as it goes on trying."""

    patience: Patience
    attempts: int = 0
    _failures: int = 0
    _timeouts: int = 0
    _pause: float = 0
    _begun: float = field(default_factory=time.monotonic)
    _resumed: float = field(default_factory=time.monotonic)

    def wait(self, error: LocationError) -> None:
        """Pause after `error`, when it is one that may pass and there is patience left; else raise it."""
        self.attempts += 1
        if isinstance(error, RejectedPushError):
            self._failures = 0
        elif isinstance(error, StepTimeoutError):
            # A push may have been applied: worth a look. A host that does not answer a question is not asked again.
            self._timeouts += 1
            if error.step != "push" or self._timeouts > 1:
                raise error
        elif isinstance(error, PassingError):
            self._failures += 1
            if self._failures >= self.patience.failures:
                raise type(error)(f"{error}; gave up after {self._failures} failures in a row") from error
        else:
            raise error
        elapsed = time.monotonic() - self._begun
        if self.attempts >= self.patience.attempts or elapsed >= self.patience.seconds:
            raise UnreachableError(
                f"{error}; gave up after {self.attempts} attempts in {elapsed:.0f} s"
            ) from error
        time.sleep(min(self._next_pause(error), self.patience.seconds - elapsed))
        self._resumed = time.monotonic()

    def _next_pause(self, error: LocationError) -> float:
        if isinstance(error, RateLimitError):
            return random.uniform(1, 3) * self.patience.rate_limit_pause  # noqa: S311
        # "Decorrelated jitter": https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
        # An attempt that was slow tells of a host under load: it is the unit in which to step back.
        took = time.monotonic() - self._resumed if isinstance(error, RejectedPushError) else 0
        longest = self.patience.longest_pause
        first = min(longest, max(self.patience.first_pause, took))
        self._pause = min(longest, random.uniform(first, max(first, 3 * self._pause)))  # noqa: S311
        return self._pause
