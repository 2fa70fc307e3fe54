import os
import subprocess
import sys
import textwrap
from pathlib import Path

from tests.house.files import ROOT

HEAVY = ("cv2", "av", "onnxruntime", "ortools", "numba")

WEB = """
    import sys

    class Missing:
        def find_spec(self, name, path=None, target=None):
            if name.split(".")[0] in HEAVY:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    HEAVY = set(sys.argv[1:])
    sys.meta_path.insert(0, Missing())
    from exam import create_app
    app = create_app()
    print(len(list(app.url_map.iter_rules())))
"""


def serve(tmp_path: Path, *missing: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none",
        "KAOCHANG_SECRET_KEY": "of this test alone, and longer than it has to be",
        "KAOCHANG_DATA_FOLDER": str(tmp_path),
        "KAOCHANG_DEMO": "true",
    }
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(WEB), *missing],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_web_process_starts_where_no_engine_is_installed(tmp_path: Path) -> None:
    done = serve(tmp_path, *HEAVY)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 1


def test_the_block_blocks(tmp_path: Path) -> None:
    done = serve(tmp_path, *HEAVY, "flask")
    assert "No module named 'flask'" in done.stderr
