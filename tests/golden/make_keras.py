"""Write keras.tar.xz and keras.json: the networks of keras.applications by `to_json()`, and their figures.

Beside them small models (`keras_models.py`), as Keras 3 and as Keras 2 write them.

Not part of the test suite; kept as the record of how the figures were made. To make them again:

    pip install tensorflow-cpu==2.21.0 keras==3.15.1 tf_keras==2.21.0
    python tests/golden/make_keras.py

The FLOPs are those of TensorFlow's profiler for the operators of matrices, in a frozen graph and a batch of 1.
"""

from __future__ import annotations

import inspect
import io
import json
import math
import os
import tarfile
from pathlib import Path
from typing import Any

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}

import keras
import tensorflow as tf
import tf_keras
from keras_models import MODELS
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2_as_graph

HERE = Path(__file__).parent
MATRICES = ("Conv2D", "DepthwiseConv2dNative", "MatMul", "BatchMatMulV2")
FEW = 60_000_000  # parameters of networks that are profiled: a frozen graph holds them


def main() -> None:
    figures: dict[str, Any] = {}
    with tarfile.open(HERE / "keras.tar.xz", "w:xz", preset=9) as archive:
        for name, build in inspect.getmembers(keras.applications, inspect.isfunction):
            keras.backend.clear_session()
            model = build(weights=None)
            figures[name] = add(archive, name, model)
            grouped = any(getattr(layer, "groups", 1) > 1 for layer in model.layers)  # inside a function, uncounted
            if model.count_params() < FEW and not grouped:
                figures[name]["flops"] = profile(model)
            print(name, figures[name], flush=True)
        for generation in (keras, tf_keras):
            for name, build in MODELS.items():
                called = f"{name}_{generation.__version__.partition('.')[0]}"
                figures[called] = add(archive, called, build(generation))
    lines = [f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in figures.items()]
    (HERE / "keras.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


def add(archive: tarfile.TarFile, name: str, model: Any) -> dict[str, Any]:
    """Put a model into the archive; its figures."""
    text = model.to_json().encode()
    entry = tarfile.TarInfo(f"{name}.json")
    entry.size = len(text)
    archive.addfile(entry, io.BytesIO(text))
    shapes = model.output_shape if isinstance(model.output_shape, list) else [model.output_shape]
    return {
        "params": int(model.count_params()),
        "trainable": sum(math.prod(weight.shape) for weight in model.trainable_weights),
        "outputs": [list(shape[1:]) for shape in shapes],
    }


def profile(model: keras.Model) -> int:
    """FLOPs of the operators of matrices, without biases."""
    size = [1, *[224 if side is None else side for side in model.input_shape[1:]]]
    traced = tf.function(lambda x: model(x, training=False)).get_concrete_function(tf.TensorSpec(size, tf.float32))
    graph = convert_variables_to_constants_v2_as_graph(traced)[0].graph
    builder = tf.compat.v1.profiler.ProfileOptionBuilder
    options = builder(builder.float_operation()).with_empty_output().with_accounted_types(list(MATRICES)).build()
    found = tf.compat.v1.profiler.profile(graph=graph, run_meta=tf.compat.v1.RunMetadata(), cmd="op", options=options)
    return sum(child.float_ops for child in nodes(found) if child.name in MATRICES)


def nodes(found: Any) -> list[Any]:
    """All nodes of the profiler's chain of operators."""
    listed = [found]
    for node in listed:
        listed += node.children
    return listed


if __name__ == "__main__":
    main()
