"""Every test has an application of its own; what is the same in all of them is compiled once.

Compiling templates and the addresses of rules was two fifths of the tests that ask for a page. What
is kept are functions and code objects, which know nothing of any application.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType

    Builder = Callable[..., tuple[str, str]]

_BUILDS = "_compile_builder"
"""What Werkzeug compiles for each rule and each application; where it has none, nothing is kept."""


class Templates(BytecodeCache):
    """The code of templates by name and source, for as long as this process lives."""

    def __init__(self) -> None:
        """Start with none."""
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill a bucket whose very source was compiled before."""
        code = self._kept.get((bucket.key, bucket.checksum))
        if code is not None:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what a bucket holds."""
        if bucket.code is not None:
            self._kept[bucket.key, bucket.checksum] = bucket.code


def built_once(build: Callable[..., Builder]) -> Callable[..., Builder]:
    """Return what builds a rule's addresses, remembering it for rules that are alike."""
    kept: dict[tuple[object, ...], Builder] = {}

    def once(rule: Rule, append_unknown: bool = True) -> Builder:  # noqa: FBT001, FBT002 - Werkzeug's own form
        trace: Any = vars(rule)["_trace"]
        alike = (rule.rule, tuple(trace), repr(rule.defaults), append_unknown)
        if alike not in kept:
            kept[alike] = build(rule, append_unknown)
        return kept[alike]

    return once


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        options = {**Flask.jinja_options, "bytecode_cache": Templates()}
        patch.setattr(Flask, "jinja_options", options)
        build = vars(Rule).get(_BUILDS)
        if build is not None:
            patch.setattr(Rule, _BUILDS, built_once(build))
        yield
