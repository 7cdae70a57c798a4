"""The expressions of GitHub's workflows, `${{ … }}`, as far as the project's workflows use them.

By the reference "Evaluate expressions in workflows and actions": what is not there is null; `&&` and `||` give one of
their operands; strings compare without case; other types compare as numbers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

_TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<mark>&&|\|\||==|!=|!|[()\[\],.])|(?P<name>[\w-]+))")

Functions = Mapping[str, Callable[..., Any]]
Value = Callable[[], Any]


def fill(text: str, contexts: Mapping[str, Any], functions: Functions | None = None) -> Any:
    """A value of a workflow: where it is one expression alone, that one's value, else a text."""
    alone = re.fullmatch(r"\s*\$\{\{((?:(?!\}\}).)*)\}\}\s*", text, re.DOTALL)
    if alone:
        return evaluate(alone[1], contexts, functions)
    return re.sub(
        r"\$\{\{(.*?)\}\}",
        lambda found: shown(evaluate(found[1], contexts, functions)),
        text,
        flags=re.DOTALL,
    )


def evaluate(expression: str, contexts: Mapping[str, Any], functions: Functions | None = None) -> Any:
    """The value of what stands between the braces."""
    parser = _Parser(_tokens(expression), contexts, {**_FUNCTIONS, **(functions or {})})
    value = parser.either()
    assert parser.at == len(parser.tokens), f"left over in {expression!r}"
    return value()


def shown(value: Any) -> str:
    """A value in a text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value)


def is_true(value: Any) -> bool:
    """Whether an operand counts as true."""
    return value not in (None, False, 0, "")


def _tokens(expression: str) -> list[str]:
    tokens, at = [], 0
    text = expression.strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        assert found, f"not read: {text[at:]!r}"
        tokens.append(found[0].strip())
        at = found.end()
    return tokens


class _Parser:
    """By precedence: `||`, `&&`, `==` and `!=`, `!`, then a value and what is taken out of it."""

    def __init__(self, tokens: list[str], contexts: Mapping[str, Any], functions: Functions) -> None:
        self.tokens, self.contexts, self.functions, self.at = tokens, contexts, functions, 0

    def _next(self, *wanted: str) -> str | None:
        if self.at < len(self.tokens) and self.tokens[self.at] in wanted:
            self.at += 1
            return self.tokens[self.at - 1]
        return None

    def _take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1]

    def either(self) -> Value:
        value = self._both()
        while self._next("||"):
            value = _first(value, self._both(), wanted=True)
        return value

    def _both(self) -> Value:
        value = self._compared()
        while self._next("&&"):
            value = _first(value, self._compared(), wanted=False)
        return value

    def _compared(self) -> Value:
        value = self._negated()
        while mark := self._next("==", "!="):
            value = _compared(value, self._negated(), wanted=mark == "==")
        return value

    def _negated(self) -> Value:
        if self._next("!"):
            value = self._negated()
            return lambda: not is_true(value())
        return self._taken()

    def _taken(self) -> Value:
        value = self._value()
        while mark := self._next(".", "["):
            if mark == ".":
                name = self._take()
                value = _member(value, lambda name=name: name)
            else:
                value = _member(value, self.either())
                assert self._next("]")
        return value

    def _value(self) -> Value:
        if self._next("("):
            value = self.either()
            assert self._next(")")
            return value
        token = self._take()
        if token.startswith("'"):
            return lambda: token[1:-1].replace("''", "'")
        if token in ("true", "false", "null"):
            return lambda: {"true": True, "false": False, "null": None}[token]
        if token.isdecimal():
            return lambda: int(token)
        if not self._next("("):
            assert token in self.contexts, f"no context {token}"
            return lambda: self.contexts[token]
        arguments = []
        while not self._next(")"):
            arguments.append(self.either())
            self._next(",")
        return lambda: self.functions[token](*(argument() for argument in arguments))


def _first(one: Value, other: Value, *, wanted: bool) -> Value:
    """The one that decides; the other one is not looked at then."""

    def value() -> Any:
        found = one()
        return found if is_true(found) == wanted else other()

    return value


def _compared(one: Value, other: Value, *, wanted: bool) -> Value:
    return lambda: _are_equal(one(), other()) == wanted


def _member(whole: Value, key: Value) -> Value:
    def value() -> Any:
        found = whole()
        return found.get(key()) if isinstance(found, Mapping) else None

    return value


def _are_equal(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    return bool(_number(one) == _number(other)) if type(one) is not type(other) else bool(one == other)


def _number(value: Any) -> float:
    try:
        return float(value or 0)
    except (TypeError, ValueError):
        return float("nan")


_FUNCTIONS: Functions = {
    "format": lambda text, *values: re.sub(r"\{(\d+)\}", lambda found: shown(values[int(found[1])]), text),
    "fromJSON": json.loads,
    "toJSON": lambda value: json.dumps(value, indent=2),
    "startsWith": lambda text, start: shown(text).lower().startswith(shown(start).lower()),
}
