"""Checking one row of an upload: everything that is wrong with it is told at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from exam.people.models import DocumentType, NeedKind, Sex
from exam.policy.eligibility import age_on
from exam.policy.pack import Pack
from exam.policy.spans import months_later
from exam.policy.subjects import LicenceClass, Pathway
from exam.registration import cells
from exam.registration.cells import Finding
from exam.registration.columns import BY_KEY, COLUMNS, Key
from exam.registration.models import TrainingSource
from exam.registration.rules import CardNumber, read_number

NAME_MAX = 60
ADDRESS_MAX = 200
CARD_TYPES = (DocumentType.IDENTITY_CARD, DocumentType.RESIDENCE_PERMIT)
CLASS_OF_PATHWAY = {
    Pathway.C2_TO_C1: LicenceClass.C1,
    Pathway.TO_C5: LicenceClass.C5,
    Pathway.ADD_C6: LicenceClass.C6,
}
"""Pathways that lead to one class by their definition."""


@dataclass(frozen=True)
class RawRow:
    """A row as it came: cells by column; ``formulas`` are the columns that held one."""

    number: int
    cells: Mapping[Key, Any]
    formulas: frozenset[Key] = frozenset()


@dataclass(frozen=True)
class PersonRow:
    """A row without any fault."""

    name: str
    document_type: DocumentType
    document_number: str
    phone: str
    birth_date: date
    sex: Sex
    address: str
    licence_class: LicenceClass
    pathway: Pathway
    training_source: TrainingSource
    medical_number: str
    medical_date: date
    support: frozenset[NeedKind] = frozenset()
    photo: str | None = None

    @property
    def document(self) -> tuple[DocumentType, str]:
        """What tells a person from all others."""
        return self.document_type, self.document_number


class Checked(NamedTuple):
    """A row with its person, or with its findings."""

    raw: RawRow
    person: PersonRow | None
    findings: tuple[Finding, ...]


@dataclass
class _Reading:
    """Values and findings while a row is read."""

    raw: RawRow
    values: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def take(self, key: Key, value: Any) -> None:
        if isinstance(value, Finding):
            self.findings.append(value)
        else:
            self.values[key] = value

    def refuse(self, key: Key | None, code: str, **facts: str | int) -> None:
        self.findings.append(Finding(key, code, facts))

    def has(self, *keys: Key) -> bool:
        return all(x in self.values for x in keys)


def check_row(raw: RawRow, pack: Pack, *, today: date) -> Checked:
    """Read every cell and hold the row against the rules.

    Args:
        raw: the row as it came.
        pack: the rules in force.
        today: the civil date at the office.
    """
    reading = _Reading(raw)
    _read(reading)
    _check_document(reading, today)
    _check_class(reading, pack, today)
    _check_medical(reading, pack, today)
    if reading.findings:
        return Checked(raw, None, tuple(reading.findings))
    return Checked(raw, PersonRow(**reading.values), ())


def _read(reading: _Reading) -> None:
    for column in COLUMNS:
        cell = reading.raw.cells.get(column.key)
        if column.key in reading.raw.formulas or cells.text_of(cell).startswith("="):
            reading.refuse(column.key, "cell.formula")
        elif not cells.text_of(cell):
            if column.required:
                reading.refuse(column.key, "cell.empty")
        else:
            reading.take(column.key, _value(column.key, cell))


def _value(key: Key, cell: Any) -> Any:
    if key in (Key.BIRTH_DATE, Key.MEDICAL_DATE):
        return cells.day(key, cell)
    if key is Key.PHONE:
        return cells.phone(cell)
    if BY_KEY[key].as_text:
        return cells.number_text(key, cell)
    text = cells.text_of(cell)
    if key is Key.SUPPORT:
        return _support(text)
    if BY_KEY[key].words:
        code = BY_KEY[key].code_of(text)
        known = " ".join(ways[0] if ways else c for c, ways in BY_KEY[key].words.items())
        return _typed(key, code) if code else Finding(key, "word.unknown", {"known": known})
    return _plain_text(key, text)


def _typed(key: Key, code: str) -> Any:
    kind = {
        Key.DOCUMENT_TYPE: DocumentType,
        Key.SEX: Sex,
        Key.LICENCE_CLASS: LicenceClass,
        Key.PATHWAY: Pathway,
        Key.TRAINING_SOURCE: TrainingSource,
    }[key]
    return kind(code)


def _support(text: str) -> frozenset[NeedKind] | Finding:
    column = BY_KEY[Key.SUPPORT]
    for separator in "、,;，；/":
        text = text.replace(separator, " ")
    whole = column.code_of(text)
    codes = [whole] if whole else [column.code_of(x) for x in text.split()]
    if None in codes:
        known = " ".join(ways[0] for ways in column.words.values())
        return Finding(Key.SUPPORT, "word.unknown", {"known": known})
    return frozenset(NeedKind(str(x)) for x in codes)


def _plain_text(key: Key, text: str) -> str | Finding:
    limit = {Key.NAME: NAME_MAX, Key.ADDRESS: ADDRESS_MAX}.get(key, ADDRESS_MAX)
    if len(text) > limit:
        return Finding(key, "text.long", {"limit": limit})
    odd = any(ch.isdigit() for ch in text) or not any(ch.isalpha() for ch in text)
    if key is Key.NAME and odd:
        return Finding(key, "name.odd")
    return text


def _check_document(reading: _Reading, today: date) -> None:
    values = reading.values
    if reading.has(Key.BIRTH_DATE) and values[Key.BIRTH_DATE] > today:
        reading.refuse(Key.BIRTH_DATE, "date.future")
    if not reading.has(Key.DOCUMENT_TYPE, Key.DOCUMENT_NUMBER):
        return
    number = values[Key.DOCUMENT_NUMBER]
    if values[Key.DOCUMENT_TYPE] not in CARD_TYPES:
        if not (number.isascii() and number.isalnum() and 5 <= len(number) <= 20):
            reading.refuse(Key.DOCUMENT_NUMBER, "number.shape")
        return
    told = read_number(number)
    if isinstance(told, CardNumber):
        _compare_with_card(reading, told)
    elif told == "check_digit" and number.endswith("000"):
        reading.refuse(Key.DOCUMENT_NUMBER, "number.rounded")
    else:
        reading.refuse(Key.DOCUMENT_NUMBER, f"card.{told}", length=len(number))


def _compare_with_card(reading: _Reading, told: CardNumber) -> None:
    values = reading.values
    if reading.has(Key.BIRTH_DATE) and values[Key.BIRTH_DATE] != told.birth_date:
        in_number = told.birth_date.isoformat()
        reading.refuse(Key.BIRTH_DATE, "birth_date.differs", in_number=in_number)
    if reading.has(Key.SEX) and (values[Key.SEX] is Sex.MALE) != told.male:
        reading.refuse(Key.SEX, "sex.differs")


def _check_class(reading: _Reading, pack: Pack, today: date) -> None:
    values = reading.values
    if not reading.has(Key.LICENCE_CLASS):
        return
    wanted: LicenceClass = values[Key.LICENCE_CLASS]
    if reading.has(Key.PATHWAY):
        pathway: Pathway = values[Key.PATHWAY]
        first_classes = pack["first_licence.classes"]
        if pathway is Pathway.FIRST and wanted not in pack.words(first_classes.name):
            facts = {"known": str(first_classes.value), "source": first_classes.source}
            reading.refuse(Key.LICENCE_CLASS, "class.not_first", **facts)
        if CLASS_OF_PATHWAY.get(pathway, wanted) is not wanted:
            reading.refuse(Key.PATHWAY, "pathway.class", known=CLASS_OF_PATHWAY[pathway])
    if values.get(Key.TRAINING_SOURCE) is TrainingSource.SELF:
        classes = pack["self_study.classes"]
        if wanted not in pack.words(classes.name):
            facts = {"known": str(classes.value), "source": classes.source}
            reading.refuse(Key.LICENCE_CLASS, "class.not_self", **facts)
    if reading.has(Key.BIRTH_DATE):
        _check_age(reading, wanted, pack, today)


def _check_age(reading: _Reading, wanted: LicenceClass, pack: Pack, today: date) -> None:
    age = age_on(reading.values[Key.BIRTH_DATE], today)
    youngest, oldest = pack.by("age.min", wanted), pack.by("age.max", wanted)
    if youngest is not None and age < youngest:
        source = pack["age.min"].source
        reading.refuse(Key.BIRTH_DATE, "age.min", age=age, limit=youngest, source=source)
    if oldest is not None and age > oldest:
        source = pack["age.max"].source
        reading.refuse(Key.BIRTH_DATE, "age.max", age=age, limit=oldest, source=source)


def _check_medical(reading: _Reading, pack: Pack, today: date) -> None:
    if not reading.has(Key.MEDICAL_DATE):
        return
    issued: date = reading.values[Key.MEDICAL_DATE]
    if issued > today:
        reading.refuse(Key.MEDICAL_DATE, "date.future")
    elif not medical_valid(issued, pack, today=today):
        limit = pack["medical.valid_months"]
        reading.refuse(
            Key.MEDICAL_DATE, "medical.old", months=int(limit.value), source=limit.source
        )


def medical_valid(issued: date, pack: Pack, *, today: date) -> bool:
    """Whether a medical proof of this day still counts."""
    return today <= months_later(issued, pack.integer("medical.valid_months"))
