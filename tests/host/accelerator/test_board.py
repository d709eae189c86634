"""What runs on a board imports nothing but the standard library, numpy, scipy and OpenCV."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from model_zoo.package import ReleasedModel
from tests.bundles import write_bundle

ROOT = Path(__file__).resolve().parents[3]

ONLY = """
import sys

class Only:
    allowed = set(sys.stdlib_module_names) | {"numpy", "scipy", "cv2", "host", "model_zoo", "tests"}
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] not in self.allowed or name == "tomllib":
            raise ImportError(f"{name} is not on the board")

sys.meta_path.insert(0, Only())
"""

EMULATED = """
import numpy as np
from host import accelerator
from host.pose.crop import ArrayPicture, Cropper
from host.pose.decode import keypoint_decoder

network = accelerator.open(sys.argv[1])
height, width = network.model.input.shape[:2]
cropper = Cropper(height, width)
picture = ArrayPicture(np.zeros((300, 200, 3), np.uint8))
crop = cropper.cut(picture, cropper.window((50, 50, 100, 200)))
keypoints = keypoint_decoder(network.model).decode(network.run(crop[None]))
print(network.description.split()[2], keypoints.xy_px.shape)
"""


ON_THE_CIRCUIT = """
import numpy as np
from pathlib import Path
from host import accelerator
from host.accelerator import AcceleratorSettings
from host.accelerator.bundle import load_manifest
from tests.fake_pynq import FakeBoard, computing

model = accelerator.load_model(sys.argv[1])
manifest = load_manifest(Path(sys.argv[2]))
board = FakeBoard([(manifest.networks[0], computing(model))])
sys.modules["pynq"] = board.module()
network = accelerator.open(model, AcceleratorSettings("pynq", bundle=sys.argv[2], deadline_s=5))
x = np.zeros((1, *model.input.shape), np.uint8)
print(network.description.split()[0], network.run(x).shape[0], board.starts > 1)
network.close()
"""


def run(program: str, *words: str) -> list[str]:
    """What a program that may import only this prints."""
    done = subprocess.run(
        [sys.executable, "-c", ONLY + program, *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split(maxsplit=1)


def test_crop_network_and_decoder_run_as_on_a_board(tiny_pose: ReleasedModel) -> None:
    assert run(EMULATED, str(tiny_pose.folder)) == ["numpy", "(1, 23, 2)\n"]


def test_the_pynq_backend_needs_no_more(tiny_pose: ReleasedModel, tmp_path: Path) -> None:
    write_bundle(tmp_path / "bundle", [tiny_pose])
    told = run(ON_THE_CIRCUIT, str(tiny_pose.folder), str(tmp_path / "bundle"))
    assert told == ["pynq", "1 True\n"]
