"""What runs on a board imports nothing but the standard library, numpy, scipy and OpenCV."""

from __future__ import annotations

import subprocess
import sys

from model_zoo.package import ReleasedModel

PROGRAM = """
import sys

class Only:
    allowed = set(sys.stdlib_module_names) | {"numpy", "scipy", "cv2", "host", "model_zoo"}
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] not in self.allowed or name == "tomllib":
            raise ImportError(f"{name} is not on the board")

sys.meta_path.insert(0, Only())
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


def test_crop_network_and_decoder_run_as_on_a_board(tiny_pose: ReleasedModel) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tiny_pose.folder)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split(maxsplit=1) == ["numpy", "(1, 23, 2)\n"]
