"""The commands. `--json` prints to standard output and nothing else does."""

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from proctor.errors import (
    BadInputError,
    BrokenLedgerError,
    FolderFailedError,
    SourceFailedError,
)
from proctor.ledger import keys
from proctor.ledger.verify import NotALedgerError, verify
from proctor.seal import EvidenceKey, SealError

OK, BROKEN, BAD_INPUT, SOURCE_FAILED = 0, 1, 2, 3


def main(argv: list[str] | None = None) -> int:
    """Run a command and return its exit code."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except (BadInputError, BrokenLedgerError, keys.KeyUnusableError, SealError) as error:
        _say(str(error))
        return BAD_INPUT
    except (SourceFailedError, FolderFailedError) as error:
        _say(str(error))
        return SOURCE_FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="proctor", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_watch(commands.add_parser("watch", help="watch a source"))
    check = commands.add_parser("verify", help="check a folder's ledger and evidence")
    check.add_argument("folder", type=Path, metavar="DIR")
    check.add_argument("--key", type=Path, metavar="PUB", help="public key, PEM")
    check.add_argument("--head", help="a head kept elsewhere, hex")
    check.set_defaults(run=_verify)
    before = commands.add_parser("precheck", help="see how well a candidate is seen")
    before.add_argument("source", metavar="SOURCE")
    before.add_argument("--reference", type=Path, action="append", nargs="+", default=[])
    before.add_argument("--seconds", type=float, default=10.0)
    before.add_argument("--json", action="store_true", help="the numbers on standard output")
    before.set_defaults(run=_precheck)
    _add_replay(commands.add_parser("replay", help="give an event again from what was kept of it"))
    _add_export(commands.add_parser("export", help="copy a clip with bystanders made unknowable"))
    compose = commands.add_parser("compose", help="compose a labelled session from the clips")
    compose.add_argument("target", type=Path, metavar="FILE.mp4")
    compose.add_argument("--person", default="A", choices=("A", "B", "C", "D", "E", "room"))
    compose.add_argument("--seconds", type=float, default=60.0)
    compose.add_argument("--seed", type=int, default=0)
    compose.set_defaults(run=_compose)
    scored = commands.add_parser("evaluate", help="compare what is found with labels")
    scored.add_argument("labels", type=Path, metavar="LABELS")
    scored.set_defaults(run=_evaluate)
    return parser


_KEY_HELP = "seals evidence (AES-256-GCM); made on first use, kept outside DIR; plain without"


def _add_replay(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Look again at an event's clip, with the profile, weights and memory of then. Exit codes: "
        "0 the same event came again; 1 it did not, or weights or files are not those of then; "
        "2 nothing can be given again (no such event, erased, a photo or key not given)."
    )
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("event", type=int, metavar="EVENT", help="its number in events.jsonl")
    parser.add_argument("--reference", type=Path, action="append", nargs="+", default=[])
    parser.add_argument("--evidence-key", type=Path, metavar="FILE", help="for sealed evidence")
    parser.add_argument("--json", action="store_true", help="the result on standard output")
    parser.set_defaults(run=_replay)


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Copy an event's clip to FILE.mp4 with the faces of bystanders hidden, and a note with the "
        "original's SHA-256 to FILE.json. A person looks at the copy before it is handed out."
    )
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("event", type=int, metavar="EVENT")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.mp4")
    parser.add_argument("--show", choices=("seat", "nobody"), help="whose face stays")
    parser.add_argument("--evidence-key", type=Path, metavar="FILE", help="for sealed evidence")
    parser.set_defaults(run=_export)


def _add_watch(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="SOURCE")
    parser.add_argument("--view", required=True, choices=("seat", "room", "cabin"))
    parser.add_argument("--people", type=int, metavar="N")
    parser.add_argument("--reference", type=Path, action="append", nargs="+", default=[])
    parser.add_argument("--profile", type=Path, metavar="FILE.toml")
    parser.add_argument("--realtime", action="store_true")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--json", action="store_true", help="event lines on standard output")
    parser.add_argument("--sign-key", type=Path, metavar="FILE", help="made on first use")
    parser.add_argument("--evidence-key", type=Path, metavar="FILE", help=_KEY_HELP)
    parser.add_argument("--resume", action="store_true", help="continue a folder's ledger")
    parser.set_defaults(run=_watch)


def _watch(arguments: argparse.Namespace) -> int:
    from proctor.kinds import View  # noqa: PLC0415  (verify must not wait for the networks)
    from proctor.settings import Settings, with_profile  # noqa: PLC0415  (as above)
    from proctor.watch import watch  # noqa: PLC0415  (as above)

    settings = Settings(
        view=View(arguments.view),
        references=tuple(path for group in arguments.reference for path in group),
        realtime=arguments.realtime,
        tile_every=1.0 if arguments.realtime else 0.0,
    )
    if arguments.profile:
        settings = with_profile(settings, arguments.profile)
    if arguments.people is not None:
        settings = replace(settings, people=arguments.people)
    out = arguments.out
    if (out / "ledger.jsonl").exists() and not arguments.resume:
        raise BadInputError(f"--out {out}: holds a ledger; give a new folder, or add --resume")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    summary = watch(
        arguments.source,
        settings,
        out,
        stop=stop,
        key=_signing_key(arguments.sign_key, out),
        seal=_sealing(arguments.evidence_key, out),
        on_event=_print if arguments.json else None,
    )
    _say(
        f"{summary.ending} after {summary.seconds:.1f} s: {summary.frames} pictures, "
        f"{summary.analysed} analysed, {summary.skipped} skipped; see {out}"
    )
    return OK


def _precheck(arguments: argparse.Namespace) -> int:
    from proctor.kinds import View  # noqa: PLC0415  (verify must not wait for the networks)
    from proctor.precheck import precheck  # noqa: PLC0415  (as above)
    from proctor.settings import Settings  # noqa: PLC0415  (as above)

    references = tuple(path for group in arguments.reference for path in group)
    settings = Settings(view=View.SEAT, references=references)
    told = precheck(arguments.source, settings, seconds=arguments.seconds).told()
    if arguments.json:
        _print(told)
        return OK
    for name, value in told.items():
        if name not in {"advice", "sentences"}:
            _say(f"{name}: {'not known' if value is None else value}")
    for sentence in told["sentences"] or ["Nothing needs to be changed."]:
        _say(sentence)
    return OK


def _verify(arguments: argparse.Namespace) -> int:
    key = keys.load_public(arguments.key) if arguments.key else None
    try:
        report = verify(arguments.folder, key=key, head=arguments.head)
    except NotALedgerError as error:
        _say(str(error))
        return BAD_INPUT
    for sentence in (*report.broken, *report.notes):
        _say(sentence)
    _say("broken" if report.broken else f"whole: {len(report.lines)} lines, head {report.head}")
    return BROKEN if report.broken else OK


def _replay(arguments: argparse.Namespace) -> int:
    from proctor.replay import replay  # noqa: PLC0415  (as above)

    references = tuple(path for group in arguments.reference for path in group)
    key = EvidenceKey.load(arguments.evidence_key) if arguments.evidence_key else None
    result = replay(arguments.folder, arguments.event, references=references, key=key)
    if arguments.json:
        _print({**asdict(result), "agrees": result.agrees})
        return OK if result.agrees else BROKEN
    _say(f"stored: {json.dumps(result.stored, ensure_ascii=False)}")
    _say(f"again:  {json.dumps(result.again, ensure_ascii=False)}")
    for word, sentences in (
        ("not as then", result.conditions),
        ("differs", result.differences),
        ("note", result.notes),
    ):
        for sentence in sentences:
            _say(f"{word}: {sentence}")
    _say("the same event came again" if result.agrees else "this is not the same event again")
    return OK if result.agrees else BROKEN


def _export(arguments: argparse.Namespace) -> int:
    from proctor.export import Show, export  # noqa: PLC0415  (as above)

    key = EvidenceKey.load(arguments.evidence_key) if arguments.evidence_key else None
    show = Show(arguments.show) if arguments.show else None
    note = export(arguments.folder, arguments.event, arguments.out, show=show, key=key)
    _say(f"{note.hidden} of {note.pictures} pictures have hidden faces; look before it goes out")
    return OK


def _compose(arguments: argparse.Namespace) -> int:
    from proctor.compose import compose, random_script  # noqa: PLC0415  (as above)

    script = random_script(arguments.person, seconds=arguments.seconds, seed=arguments.seed)
    _say(f"labels in {compose(script, arguments.target)}")
    return OK


def _evaluate(arguments: argparse.Namespace) -> int:
    from proctor.evaluate import evaluate  # noqa: PLC0415  (as above)

    for row in evaluate(arguments.labels).rows():
        _say(row)
    return OK


def _signing_key(path: Path | None, out: Path) -> Any:
    """Return the key that signs checkpoints: the one given, or this user's own."""
    if path is None:
        state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
        path = Path(state) / "kaochang" / "proctor.key"
    if path.resolve().is_relative_to(out.resolve()):
        raise BadInputError(f"--sign-key {path}: lies inside --out; keep it outside")
    key = keys.load_or_create(path)
    _say(f"checkpoints are signed; check them with --key {path}.pub")
    return key


def _sealing(path: Path | None, out: Path) -> Callable[[], EvidenceKey] | None:
    """Return what seals evidence with the key in a file, made on first use."""
    if path is None:
        return None
    if path.resolve().is_relative_to(out.resolve()):
        raise BadInputError(f"--evidence-key {path}: lies inside --out; keep it outside")
    if not path.exists():
        try:
            EvidenceKey.generate().save(path)
        except OSError as error:
            raise BadInputError(f"--evidence-key {path}: cannot be made ({error})") from error
        _say(f"evidence is sealed with a new key; without {path} nobody can ever see it")
    key = EvidenceKey.load(path)
    return lambda: key


def _print(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _say(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
