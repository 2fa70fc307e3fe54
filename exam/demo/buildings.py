"""Putting the city on paper into the office's own tables: sites, schools, staff, equipment."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from exam.db import db, new_id
from exam.demo.places import OFFICE, SCHOOLS, SCHOOLS_ONLINE, SITES, TIME_ZONE, Place
from exam.demo.staff import OFFICE_STAFF, PASSWORD, RELIEF, SCHOOL_STAFF, Worker, site_staff
from exam.examday.models import Duty, Lane, Room, Terminal, Vehicle
from exam.people.models import Office, OfficeKind, School, Site, SiteAuthorisation
from exam.people.passwords import hash_password
from exam.people.roles import Actor, Role
from exam.people.services import open_staff_account

SCHOOL_WORDS = (
    "安顺 东风 长征 海天 启程 平安 顺达 金盾 蓝天 远大"
    " 宏图 阳光 四通 飞跃 鸿运 明道 新途 众志 腾飞 君安"
)
SCHOOL_WORDS_EN = (
    "Anshun Dongfeng Changzheng Haitian Qicheng Pingan Shunda Jindun Lantian Yuanda"
    " Hongtu Yangguang Sitong Feiyue Hongyun Mingdao Xintu Zhongzhi Tengfei Junan"
)
DUTY_DAYS = 70
"""Days ahead for which the roster of the demo is written."""


@dataclass
class City:
    """Ids that later steps need, by code or sign-in name."""

    office_id: UUID
    sites: dict[str, UUID] = field(default_factory=dict)
    schools: dict[str, UUID] = field(default_factory=dict)
    accounts: dict[str, UUID] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)

    def actor(self, username: str, *, site: str | None = None, school: str | None = None) -> Actor:
        """A member of staff, to act through the services."""
        return Actor(
            account_id=self.accounts[username],
            role=self.roles[username],
            office_id=self.office_id,
            site_id=self.sites[site] if site else None,
            school_id=self.schools[school] if school else None,
        )


def build(*, now: datetime, first_day: date) -> City:
    """Write offices, sites, schools, staff, equipment and rosters in the caller's transaction."""
    office_id = _offices()
    city = City(office_id)
    for place in SITES:
        _site(city, place)
    _schools(city)
    db.session.flush()
    everybody = [*OFFICE_STAFF, *SCHOOL_STAFF, *RELIEF]
    for number, place in enumerate(SITES):
        everybody += site_staff(place.code, number, tuple(f.subject for f in place.fields))
    _accounts(city, everybody, now)
    db.session.flush()
    _rosters(city, everybody, first_day)
    return city


def _offices() -> UUID:
    code, name_zh, name_en = OFFICE
    country = Office(
        id=new_id(),
        code="cn",
        kind=OfficeKind.COUNTRY,
        name_zh="全国",
        name_en="Country",
        help_phone="12123",
    )
    province = Office(
        id=new_id(),
        code="99",
        kind=OfficeKind.PROVINCE,
        parent_id=country.id,
        name_zh="模拟省",
        name_en="Simulated province",
        help_phone="12123",
    )
    office = Office(
        id=new_id(),
        code=code,
        kind=OfficeKind.OFFICE,
        parent_id=province.id,
        name_zh=name_zh,
        name_en=name_en,
        help_phone="0990-12123",
    )
    for row in (country, province, office):
        db.session.add(row)
        db.session.flush()
    return office.id


def _site(city: City, place: Place) -> None:
    site = Site(
        id=new_id(),
        office_id=city.office_id,
        code=place.code,
        name_zh=place.name_zh,
        name_en=place.name_en,
        address_zh=place.address_zh,
        address_en=place.address_en,
        time_zone=TIME_ZONE,
        island=place.island,
        simulated=True,
    )
    db.session.add(site)
    db.session.flush()
    city.sites[place.code] = site.id
    for field_ in place.fields:
        classes = sorted({c for words, _, _ in field_.pools.values() for c in words.split()})
        db.session.add(SiteAuthorisation(site_id=site.id, subject=field_.subject, classes=classes))
    _equipment(site.id, place)


def _equipment(site_id: UUID, place: Place) -> None:
    theory = [f for f in place.fields if f.subject in ("S1", "S3T")]
    if theory:
        room = Room(id=new_id(), site_id=site_id, code="R1", name_zh="一号考室", name_en="Room 1")
        db.session.add(room)
        seats = sum(f.seats for f in theory)
        db.session.add_all(Terminal(room_id=room.id, code=f"{n:02d}") for n in range(1, seats + 1))
    for field_ in place.fields:
        if field_ in theory:
            continue
        for kind, (_, _, vehicles) in field_.pools.items():
            db.session.add_all(
                Vehicle(
                    site_id=site_id,
                    code=f"{field_.subject}-{kind}-{n}",
                    kind=kind,
                    subject=field_.subject,
                )
                for n in range(1, vehicles + 1)
            )
        word, word_en = ("号线", "Route") if field_.subject == "S3R" else ("号道", "Lane")
        db.session.add_all(
            Lane(
                site_id=site_id,
                subject=field_.subject,
                code=f"{field_.subject}-{n}",
                name_zh=f"{n}{word}",
                name_en=f"{word_en} {n}",
            )
            for n in range(1, 4)
        )


def _schools(city: City) -> None:
    words, words_en = SCHOOL_WORDS.split(), SCHOOL_WORDS_EN.split()
    for n in range(1, SCHOOLS + 1):
        turn, word = divmod(n - 1, len(words))
        suffix = ("", "第二", "第三", "第四")[turn]
        school = School(
            id=new_id(),
            office_id=city.office_id,
            code=f"X{n:02d}",
            name_zh=f"望海{words[word]}{suffix}驾校（模拟）",
            name_en=f"Wanghai {words_en[word]} School{f' {turn + 1}' if turn else ''} (simulated)",
            online=n <= SCHOOLS_ONLINE,
            simulated=True,
        )
        db.session.add(school)
        city.schools[school.code] = school.id


def _accounts(city: City, everybody: list[Worker], now: datetime) -> None:
    shared = hash_password(PASSWORD)  # printed anyway, and sixty hashes take seconds
    for worker in everybody:
        account = open_staff_account(
            username=worker.username,
            display_name=worker.name,
            password_hash=shared,
            role=worker.role,
            office_id=city.office_id,
            site_id=city.sites[worker.site] if worker.site else None,
            school_id=city.schools[worker.school] if worker.school else None,
            now=now,
        )
        city.accounts[worker.username] = account.id
        city.roles[worker.username] = worker.role


def _rosters(city: City, everybody: list[Worker], first_day: date) -> None:
    on_duty = [w for w in everybody if w.site]
    for day in (first_day + timedelta(days=n) for n in range(DUTY_DAYS)):
        db.session.add_all(
            Duty(
                site_id=city.sites[w.site or ""],
                account_id=city.accounts[w.username],
                date=day,
                role=w.role,
                subjects=w.subjects.split(),
                classes=w.classes.split(),
            )
            for w in on_duty
        )
