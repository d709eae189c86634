"""Networks that put keypoints of the picture into space, one file per architecture."""
