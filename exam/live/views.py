"""The wall."""

from typing import Any
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exam import clock
from exam.errors import InvalidInput, NotAllowed, NotFound
from exam.live import files, reading, rules, services, wording
from exam.live.forms import DecisionForm
from exam.live.states import ItemState
from exam.live.streams import LEDGER, folder_of, signing_key
from exam.people.guards import current_actor
from exam.people.roles import Actor
from exam.web.answers import show_error

wall = Blueprint("wall", __name__)
EVENTS_ON_PAGE = 50


@wall.context_processor
def _words() -> dict[str, Any]:
    return {
        "wording": wording,
        "sees_people": current_actor().role in rules.SEES_PEOPLE,
        "may_decide": rules.may_decide(current_actor().role),
        "clip_there": _clip_there,
        "stills_of": _stills_of,
    }


@wall.get("")
def board() -> ResponseReturnValue:
    """Cameras with trouble first, items in two columns."""
    actor = current_actor()
    columns = [(group, *reading.cards(actor, group)) for group in rules.groups_for(actor.role)]
    return render_template(
        "live/wall.html", tiles=reading.tiles(actor), columns=columns, now=clock.now()
    )


@wall.get("/cameras")
def tiles() -> ResponseReturnValue:
    """The tiles alone, for the page to put in place."""
    return render_template("live/_tiles.html", tiles=reading.tiles(current_actor()))


@wall.get("/cameras/<uuid:camera_id>/tile.jpg")
def tile(camera_id: UUID) -> Response:
    """A camera's newest small picture, for those who may see people."""
    actor = current_actor()
    if actor.role not in rules.SEES_PEOPLE:
        raise NotAllowed
    return files.tile(_data_folder(), reading.camera(actor, camera_id).stream)


@wall.get("/newer")
def newer() -> ResponseReturnValue:
    """Items after a number, for pages whose live connection does not stand."""
    after = request.args.get("after", 0, type=int)
    return jsonify(items=reading.told(reading.newer(current_actor(), after)))


@wall.get("/items/<int:number>")
def item(number: int) -> ResponseReturnValue:
    """One item with its history and how to check it at home."""
    return _item_page(number, DecisionForm())


@wall.get("/items/<int:number>/card")
def item_card(number: int) -> ResponseReturnValue:
    """One item as the wall shows it; nothing once it waits for nobody."""
    card = reading.card(current_actor(), number)
    if card.item.state not in rules.WAITING:
        return "", 204
    return render_template("live/_card.html", card=card, now=clock.now())


@wall.post("/items/<int:number>/acknowledge")
def acknowledge(number: int) -> ResponseReturnValue:
    """Say that one is looking."""
    services.acknowledge(current_actor(), number, now=clock.now())
    return redirect(url_for("wall.item", number=number), code=303)


@wall.post("/items/<int:number>/decision")
def decide(number: int) -> ResponseReturnValue:
    """Put aside or refer."""
    form = DecisionForm()
    if form.validate_on_submit():
        try:
            to = ItemState(form.decision.data)
            services.decide(
                current_actor(), number, to=to, note=form.note.data or "", now=clock.now()
            )
        except InvalidInput as error:
            show_error(form, error)
        else:
            flash(_("Recorded with your name and the time."), "good")
            return redirect(url_for("wall.item", number=number), code=303)
    return _item_page(number, form), 422


@wall.get("/items/<int:number>/clips/<uuid:event_id>")
def clip(number: int, event_id: UUID) -> Response:
    """The clip of an event; who looked at it is recorded."""
    actor = current_actor()
    seen = _seen_by(actor, number, event_id)
    path = files.clip_path(_data_folder(), seen)
    if path is None:
        raise NotFound
    services.note_viewing(actor, seen.event, number, now=clock.now())
    return files.clip(_data_folder(), path)


@wall.get("/items/<int:number>/stills/<uuid:event_id>/<which>")
def still(number: int, event_id: UUID, which: str) -> Response:
    """A still of an event with what was found framed, for those who may see people.

    The opening picture is a clip's cover, which the wall loads by itself; looking at the others
    is a viewing, and recorded.
    """
    seen = _seen_by(current_actor(), number, event_id)
    picture = files.still(_data_folder(), seen, which)
    if which != files.OPENED:
        services.note_viewing(current_actor(), seen.event, number, now=clock.now())
    return picture


@wall.get("/items/<int:number>/traces/<uuid:event_id>")
def trace(number: int, event_id: UUID) -> Response:
    """What was measured moment by moment around an event, as lines of JSON."""
    return files.trace(_data_folder(), _seen_by(current_actor(), number, event_id))


def _seen_by(actor: Actor, number: int, event_id: UUID) -> reading.SeenEvent:
    """An event of an item, for somebody who may see people and this item.

    Raises:
        NotAllowed: this role sees no people.
        NotFound: no such item or event for this person.
    """
    if actor.role not in rules.SEES_PEOPLE:
        raise NotAllowed
    reading.card(actor, number)
    return reading.event_of(number, event_id)


def _item_page(number: int, form: DecisionForm) -> str:
    card = reading.card(current_actor(), number, events=EVENTS_ON_PAGE)
    stream = card.item.camera.stream if not card.events else card.events[0].event.stream
    folder = folder_of(_data_folder(), stream)
    return render_template(
        "live/item.html",
        card=card,
        acts=reading.acts(card.item),
        position=reading.position(stream),
        checkpoint=reading.last_checkpoint(stream),
        folder=folder,
        ledger=folder / LEDGER,
        public_key=f"{signing_key(_data_folder()).name}.pub",
        form=form,
        now=clock.now(),
    )


def _clip_there(seen: reading.SeenEvent) -> bool:
    return files.clip_path(_data_folder(), seen) is not None


def _stills_of(seen: reading.SeenEvent) -> list[str]:
    return [which for which in files.STILLS if files.still_path(_data_folder(), seen, which)]


def _data_folder() -> Any:
    return current_app.config["KAOCHANG"].data_folder
