"""The hall's cameras and ledgers, for what is erased of them."""

from tests.live.conftest import actor_with, camera, client_of, place, worker

__all__ = ["actor_with", "camera", "client_of", "place", "worker"]
