"""The columns of a school's upload: their names in both languages, and the words they accept."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from exam.people.models import DocumentType, NeedKind, Sex
from exam.policy.subjects import LicenceClass, Pathway
from exam.registration.models import TrainingSource


class Key(StrEnum):
    """What a column holds; findings name it."""

    NAME = "name"
    DOCUMENT_TYPE = "document_type"
    DOCUMENT_NUMBER = "document_number"
    PHONE = "phone"
    BIRTH_DATE = "birth_date"
    SEX = "sex"
    ADDRESS = "address"
    LICENCE_CLASS = "licence_class"
    PATHWAY = "pathway"
    TRAINING_SOURCE = "training_source"
    MEDICAL_NUMBER = "medical_number"
    MEDICAL_DATE = "medical_date"
    SUPPORT = "support"
    PHOTO = "photo"


Words = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Column:
    """One column.

    ``words`` maps a code to the ways to write it, the template's own (Chinese) first.
    """

    key: Key
    zh: str
    en: str
    example: str
    required: bool = True
    as_text: bool = False
    words: Words = field(default_factory=dict)
    also: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """What the template writes."""
        return f"{self.zh} {self.en}"

    def code_of(self, text: str) -> str | None:
        """The code that a word stands for, or None."""
        wanted = plain(text)
        return next((c for c, ways in self.words.items() if wanted in map(plain, (c, *ways))), None)


DOCUMENTS: Words = {
    DocumentType.IDENTITY_CARD: ("居民身份证", "身份证", "identity card", "id card"),
    DocumentType.SOLDIER_CARD: ("军人身份证件", "军官证", "士兵证", "soldier card"),
    DocumentType.RESIDENCE_PERMIT: ("港澳台居民居住证", "居住证", "residence permit"),
    DocumentType.TRAVEL_PERMIT: ("港澳台居民来往内地通行证", "通行证", "travel permit"),
    DocumentType.PASSPORT: ("护照", "passport"),
}
SEXES: Words = {Sex.FEMALE: ("女", "f"), Sex.MALE: ("男", "m")}
PATHWAYS: Words = {
    Pathway.FIRST: ("初次申领", "初学", "first licence"),
    Pathway.ADDED: ("增加准驾车型", "增驾", "added class"),
    Pathway.C2_TO_C1: ("C2换C1", "C2 to C1"),
    Pathway.TO_C5: ("申请C5", "to C5"),
    Pathway.ADD_C6: ("增加C6", "add C6"),
    Pathway.MILITARY: ("军警换证", "military"),
    Pathway.MILITARY_TRUCK: ("军警大型车换证", "military truck"),
    Pathway.FOREIGN: ("境外换证", "foreign licence"),
    Pathway.RESUME: ("恢复驾驶资格", "resume"),
    Pathway.FULL_POINTS: ("满分学习", "full points"),
}
SOURCES: Words = {
    TrainingSource.SCHOOL: ("驾校培训", "驾校", "school"),
    TrainingSource.SELF: ("自学直考", "自学", "self-taught"),
    TrainingSource.MILITARY: ("部队培训", "部队", "military"),
}
NEEDS: Words = {
    NeedKind.PREGNANT: ("孕期", "孕妇", "pregnant"),
    NeedKind.DISABLED: ("残疾", "残障", "disabled"),
    NeedKind.MILITARY: ("军人", "military"),
    NeedKind.HEARING: ("听力辅助", "听力", "hearing"),
    NeedKind.STEP_FREE: ("无障碍通道", "无障碍", "step-free"),
}

COLUMNS = (
    Column(Key.NAME, "姓名", "Name", "张三", also=("考生姓名", "full name")),
    Column(
        Key.DOCUMENT_TYPE,
        "证件类型",
        "Document type",
        "居民身份证",
        words=DOCUMENTS,
        also=("证件名称",),
    ),
    Column(
        Key.DOCUMENT_NUMBER,
        "证件号码",
        "Document number",
        "11010519491231002X",
        as_text=True,
        also=("身份证号", "身份证号码", "证件号"),
    ),
    Column(
        Key.PHONE,
        "手机号码",
        "Phone",
        "13800000000",
        as_text=True,
        also=("手机", "手机号", "电话", "联系电话", "mobile"),
    ),
    Column(Key.BIRTH_DATE, "出生日期", "Birth date", "2001-05-20", also=("出生年月日",)),
    Column(Key.SEX, "性别", "Sex", "女", words=SEXES, also=("gender",)),
    Column(Key.ADDRESS, "联系地址", "Address", "示例路 1 号", also=("地址", "住址")),
    Column(
        Key.LICENCE_CLASS,
        "准驾车型",
        "Licence class",
        "C1",
        words=dict.fromkeys(LicenceClass, ()),
        also=("车型", "申请车型", "class"),
    ),
    Column(Key.PATHWAY, "业务种类", "Pathway", "初次申领", words=PATHWAYS, also=("业务类型",)),
    Column(
        Key.TRAINING_SOURCE,
        "培训来源",
        "Training source",
        "驾校培训",
        words=SOURCES,
        also=("考生来源",),
    ),
    Column(
        Key.MEDICAL_NUMBER,
        "体检证明编号",
        "Medical proof number",
        "TJ20260001",
        as_text=True,
        also=("体检编号",),
    ),
    Column(Key.MEDICAL_DATE, "体检日期", "Medical proof date", "2026-10-08", also=("体检时间",)),
    Column(
        Key.SUPPORT,
        "需要的服务",
        "Support asked",
        "",
        required=False,
        words=NEEDS,
        also=("服务需求", "support"),
    ),
    Column(
        Key.PHOTO,
        "照片文件名",
        "Photo file name",
        "张三.jpg",
        required=False,
        also=("照片", "photo"),
    ),
)
BY_KEY = {x.key: x for x in COLUMNS}
EXAMPLE_MARK = "示例（请删除本行）"
"""What the template's example row has as its name; a row with it is passed over."""


def plain(text: str) -> str:
    """Text for comparing: full-width folded, lower case, letters and digits only."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(ch for ch in folded if ch.isalnum())


_HEADINGS = {
    plain(way): column.key
    for column in COLUMNS
    for way in (column.heading, column.zh, column.en, column.key, *column.also)
}


def recognised(cells: Iterable[object]) -> dict[Key, int]:
    """Which column stands where in a header row, in any order and language."""
    found: dict[Key, int] = {}
    for index, cell in enumerate(cells):
        key = _HEADINGS.get(plain(str(cell).replace("*", ""))) if cell is not None else None
        if key is not None:
            found.setdefault(key, index)
    return found


def missing(found: Mapping[Key, int]) -> list[Column]:
    """The required columns that a header row lacks."""
    return [x for x in COLUMNS if x.required and x.key not in found]
