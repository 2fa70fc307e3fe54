"""Invented persons: names, documents of a region that does not exist, phones, addresses."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

REGION = "990200"
"""No division of the country has this code, so that no number belongs to anybody."""

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏"
    "苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚"
    "邵万覃武钱戴严莫孔向常汤康易乔赖文庞樊兰殷施洪翟安颜倪温芦季俞章鲁葛伍申尤毕聂柴焦柳邢岳"
    "齐梅庄辛管祝左涂谷祁时舒耿牟卜路詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位霍翁隋植甘"
    "景薄单包司柏宁柯阮桂闵解强丛佟冷"
)
GIVEN = (
    "伟芳娜敏静丽强磊洋艳勇军杰娟涛明超秀霞平刚桂英华玉兰红建国志文学海波鹏飞宇浩然子轩梓涵欣"
    "怡雨晨思远佳琪梦瑶晓东雪梅春燕秋月冬青立新永康德厚启明承志若兰清扬书仪乐安景行知夏"
)
STREETS = (
    "望海路",
    "听涛街",
    "石桥巷",
    "北郊大道",
    "东山路",
    "西河街",
    "灯塔路",
    "渔港街",
    "梧桐里",
    "学府路",
)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = "10X98765432"


@dataclass(frozen=True)
class Invented:
    """One invented person."""

    name: str
    document_number: str
    birth_date: date
    sex: str
    phone: str
    address: str


def invent(
    random: Random, serial: int, *, today: date, youngest: int = 18, oldest: int = 68
) -> Invented:
    """Make a person up; ``serial`` makes the document number unique for its birth date.

    Ages lean towards the young, as learners do.
    """
    years = youngest + (oldest - youngest) * random.random() ** 2.2
    birth = today - timedelta(days=int(years * 365.25) + random.randrange(1, 300))
    female = random.random() < 0.5
    given = "".join(random.choice(GIVEN) for _ in range(random.choice((1, 2, 2, 2))))
    sequence = (serial % 500) * 2 + (0 if female else 1)
    return Invented(
        name=random.choice(SURNAMES) + given,
        document_number=identity_number(birth, sequence),
        birth_date=birth,
        sex="female" if female else "male",
        phone=f"1990{serial:07d}",
        address=f"望海市{random.choice(STREETS)}{random.randrange(1, 400)}号",
    )


def identity_number(birth: date, sequence: int, region: str = REGION) -> str:
    """Eighteen characters with the check digit of GB 11643 (ISO 7064 MOD 11-2)."""
    body = f"{region}{birth:%Y%m%d}{sequence:03d}"
    return body + CHECK[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]
