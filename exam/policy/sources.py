"""Citations of the packs as people write them. Pure."""

import re

from exam.policy.pack import Parameter

TITLES = {
    "O162": "公安部令第162号",
    "O163": "公安部令第163号",
    "O172": "公安部令第172号",
    "WS137": "公交管〔2016〕137号",
}
"""Short names that the packs use for decrees and rules."""

_PARTS = (
    (re.compile(r"Art\. (\d+)\((\d+)\)"), r"第\1条第\2项"),
    (re.compile(r"Art\. ([\d, -]+\d)"), r"第\1条"),
    (re.compile(r" as amended by (\S+)"), r"（经\1修改）"),
)


def in_chinese(source: str) -> str:
    """A citation such as ``O162 Art. 43`` with the titles and articles of Chinese law.

    Words that are no citation stay as the pack has them.
    """
    for shape, words in _PARTS:
        source = shape.sub(words, source)
    source = re.sub(r"(?<=\d), (?=[\d第])", "、", source)
    for short, title in TITLES.items():
        source = re.sub(rf"(?<![A-Za-z0-9]){short}(?![A-Za-z0-9]) ?", title, source)
    return source


def source_of(parameter: Parameter, language: str) -> str:
    """Where a number comes from, in the reader's language."""
    if language != "zh":
        return parameter.source
    return parameter.source_zh or in_chinese(parameter.source)
