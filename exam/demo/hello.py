"""The demo's welcome on the terminal."""

import os

from flask import current_app
from flask_babel import force_locale

from exam.demo import notes
from exam.demo.sign_ins import everybody
from exam.demo.staff import PASSWORD
from exam.pages.role_names import ROLE_NAMES


def text() -> str:
    """Addresses, sign-ins and what to look at."""
    host, port = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8000")
    found = notes.read(current_app.config["KAOCHANG"].data_folder)
    address = f"http://{host}:{port}"
    with force_locale("en"):
        sign_ins = [
            f"  {x.name:<18}{ROLE_NAMES[x.role]!s:<18}{x.look_at}" for x in everybody(found)
        ]
    lines = [
        "",
        f"Kaochang 考场 is ready: {address}   (a simulated city; its day is {found.today})",
        f"Password of every sign-in below: {PASSWORD}",
        "",
        *sign_ins,
        "",
        f"Activate a person: {address}/activate",
        (
            f"    with the code {found.activation_code}; her document ends in "
            f"{found.activation_last_four}"
        ),
        f"Without signing in: {address}/public/   {address}/board/W1   {address}/apply/",
        "",
    ]
    return "\n".join(lines)
