"""Who is in the picture: boxes, tracks and silhouettes, from small brightness pictures."""
