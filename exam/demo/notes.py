"""What the city's maker leaves for whoever looks at it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "demo.json"


@dataclass(frozen=True)
class Notes:
    """How to sign in as whom."""

    today: str
    activation_code: str
    activation_last_four: str
    sign_ins: dict[str, str]
    """Sign-in name -> what to look at."""


def write(notes: Notes, folder: Path) -> None:
    """Keep them in the data folder."""
    (folder / FILE).write_text(json.dumps(asdict(notes), ensure_ascii=False), encoding="utf-8")


def read(folder: Path) -> Notes:
    """Those of the city that stands."""
    return Notes(**json.loads((folder / FILE).read_text(encoding="utf-8")))
