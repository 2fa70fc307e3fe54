"""Opens whatever a watch is told to look at: a file, a stream, a device, what a page pushes."""

from pathlib import Path
from threading import Event as Signal

from proctor.addresses import is_live, is_pushed
from proctor.live import LiveSource
from proctor.push import PushSource
from proctor.settings import Settings
from proctor.source import FileSource


def opened_source(
    source: str, settings: Settings, stop: Signal
) -> FileSource | LiveSource | PushSource:
    """Open a file, stream or device as the settings want it; raises BadInputError."""
    if is_pushed(source):
        return PushSource(source, stop=stop, patience=settings.patience)
    if is_live(source):
        return LiveSource(
            source, stop=stop, transport=settings.transport, patience=settings.patience
        )
    return FileSource(Path(source), realtime=settings.realtime, loop=settings.loop, stop=stop)
