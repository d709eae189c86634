"""Training of temporal networks: chains of 1 x k convolutions over windows of keypoints.

What a window is, as integers, stands in :mod:`host.pose.windows`; host, training and export share
it. One trainer (:mod:`quantize.temporal.train`) serves every role; a role adds three small things:

1. the role's name in :data:`ROLES`, and ``model_zoo/<role>/<name>.py`` (``_`` for ``-``) with
   ``SPEC`` (a :class:`model_zoo.chain.ChainSpec` of height 1, ``signed_input=True``) and
   ``RATE_HZ``;
2. ``quantize/recipes/<name>.toml`` with ``name``, ``role`` (one of
   :data:`model_zoo.package.ROLES`), ``seed``, ``[float]`` and ``[qat]`` in the form of the pose
   recipes, and whatever the role's task reads besides;
3. ``quantize/temporal/<role>.py`` with ``make_task(recipe, spec, data) -> Task``
   (:class:`quantize.temporal.task.Task`): it draws batches, scores an output against its targets,
   watches held-out data, and says how the output is read.

Then ``python -m quantize train NAME --data PATH... --stage float|qat --out DIR`` trains and
``python -m quantize export NAME --checkpoint DIR/qat.safetensors --version 0.1.0`` releases it.
"""

ROLES = ("lift", "gait", "pattern")
"""Roles whose networks are trained here."""
