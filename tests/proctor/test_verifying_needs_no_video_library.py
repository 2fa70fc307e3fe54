import subprocess
import sys

PROBE = """
import sys
import proctor.ledger.verify, proctor.ledger.writer, proctor.ledger.keys, proctor.cli
heavy = {"cv2", "av", "onnxruntime", "numpy", "flask", "sqlalchemy"} & set(sys.modules)
sys.exit(f"imported {heavy}" if heavy else 0)
"""


def test_ledger_and_command_line_load_neither_video_nor_networks() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
