"""Write tensorflow.json: what TensorFlow 2.21's profiler counts of single Keras 3.15 layers.

Not part of the test suite; kept as the record of how the figures were made. To make them again:

    pip install tensorflow-cpu==2.21.0 keras==3.15.1
    python tests/golden/make_tensorflow.py

Arguments and input shapes are archspec's: channels first, no batch. The layer itself runs channels last, with a batch
of 2, in a frozen graph, as keras-flops profiles it.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}

import keras
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2_as_graph

K = keras.layers
A = keras.activations
V, S, L, M, D = [8], [6, 8], [4, 8], [4, 8, 6], [4, 8, 8, 8]
Case = tuple[str, dict[str, Any], list[list[int]], Callable[..., Any]]
NOISE = ("Const", "Placeholder", "Identity", "NoOp")  # operators of the frozen graph that do nothing


def recurrent(kind: str, layer: Callable[..., Any], keras_args: dict[str, Any], **args: Any) -> list[Case]:
    return [
        (kind, {"hidden": hidden, **args}, [shape], layer(hidden, return_sequences=True, **keras_args))
        for hidden, shape in ((5, [6, 8]), (5, [3, 8]), (7, [4, 3]))
    ]


def activation(kind: str, function: Callable[..., Any], **args: Any) -> Case:
    return (kind, args, [M], K.Activation(function))


def attention(*heads_first: Any) -> Any:
    """Keras has the steps before the heads."""
    return keras.ops.dot_product_attention(*(keras.ops.transpose(each, (0, 2, 1, 3)) for each in heads_first))


CASES: list[Case] = [
    ("conv", {"out": 6, "kernel": 3}, [M], K.Conv2D(6, 3)),
    ("conv", {"out": 6, "kernel": 3, "bias": False, "stride": 2}, [M], K.Conv2D(6, 3, 2, use_bias=False)),
    ("conv", {"out": 6, "kernel": [3, 2], "dilation": 2}, [M], K.Conv2D(6, (3, 2), dilation_rate=2)),
    ("conv", {"out": 4, "kernel": 3, "groups": 4}, [M], K.DepthwiseConv2D(3)),
    ("conv", {"out": 6, "kernel": 3, "groups": 2, "bias": False}, [M],
     lambda x: tf.nn.conv2d(x, tf.ones((3, 3, 2, 6)), 1, "VALID")),
    ("conv", {"out": 6, "kernel": 3}, [L], K.Conv1D(6, 3)),
    ("conv", {"out": 6, "kernel": 3}, [D], K.Conv3D(6, 3)),
    ("conv_transpose", {"out": 6, "kernel": 3, "stride": 2}, [M], K.Conv2DTranspose(6, 3, 2)),
    ("conv_transpose", {"out": 3, "kernel": 3, "stride": 2, "bias": False}, [[5, 3, 3]],
     K.Conv2DTranspose(3, 3, 2, use_bias=False)),
    ("conv_transpose", {"out": 6, "kernel": 3, "stride": 2}, [L], K.Conv1DTranspose(6, 3, 2)),
    ("conv_transpose", {"out": 6, "kernel": 3, "stride": 2}, [D], K.Conv3DTranspose(6, 3, 2)),
    ("linear", {"out": 5}, [V], K.Dense(5)),
    ("linear", {"out": 5, "bias": False}, [V], K.Dense(5, use_bias=False)),
    ("linear", {"out": 5}, [S], K.Dense(5)),
    ("linear", {"out": 5, "bias": False}, [[2, *S]], K.Dense(5, use_bias=False)),
    ("matmul", {"transpose_b": True}, [S, S], lambda a, b: tf.matmul(a, b, transpose_b=True)),
    ("matmul", {}, [[2, 6, 8], [2, 8, 3]], tf.matmul),
    ("scaled_dot_product_attention", {}, [[2, 4, 8], [2, 6, 8], [2, 6, 8]], attention),
    ("embedding", {"vocab": 10, "dim": 4}, [[5]], K.Embedding(10, 4)),
    *recurrent("rnn", K.SimpleRNN, {}, bias=1),
    *recurrent("rnn", K.SimpleRNN, {"use_bias": False}, bias=False),
    *recurrent("lstm", K.LSTM, {}, bias=1),
    *recurrent("lstm", K.LSTM, {"use_bias": False}, bias=False),
    *recurrent("gru", K.GRU, {}, bias=2),
    *recurrent("gru", K.GRU, {"use_bias": False}, bias=False),
    *recurrent("gru", K.GRU, {"reset_after": False}, bias=1, reset_after=False),
    *recurrent("gru", K.GRU, {"reset_after": False, "use_bias": False}, bias=False, reset_after=False),
    *[(kind, args, [S], K.Bidirectional(layer(5, return_sequences=True)))
      for kind, args, layer in (
          ("lstm", {"hidden": 5, "bidirectional": True, "bias": 1}, K.LSTM),
          ("gru", {"hidden": 5, "bidirectional": True}, K.GRU),
          ("rnn", {"hidden": 5, "bidirectional": True, "bias": 1}, K.SimpleRNN),
      )],
    *[("lstm", {"hidden": 5, "layers": 2, "bias": 1}, [S],
       keras.Sequential([K.LSTM(5, return_sequences=True), K.LSTM(5, return_sequences=True)]))],
    ("batchnorm", {}, [M], K.BatchNormalization()),
    ("batchnorm", {}, [V], K.BatchNormalization()),
    ("batchnorm", {"affine": False}, [M], K.BatchNormalization(scale=False, center=False)),
    ("layernorm", {}, [S], K.LayerNormalization()),
    ("layernorm", {"bias": False}, [S], K.LayerNormalization(center=False)),
    ("layernorm", {"affine": False}, [S], K.LayerNormalization(scale=False, center=False)),
    ("layernorm", {"dims": 2}, [[2, *S]], K.LayerNormalization(axis=(-2, -1))),
    ("rmsnorm", {}, [S], K.RMSNormalization()),
    ("groupnorm", {"groups": 2}, [M], K.GroupNormalization(2)),
    ("groupnorm", {"groups": 2, "affine": False}, [M], K.GroupNormalization(2, scale=False, center=False)),
    ("instancenorm", {"affine": True}, [M], K.GroupNormalization(-1)),
    ("instancenorm", {}, [M], K.GroupNormalization(-1, scale=False, center=False)),
    ("lrn", {"size": 5}, [M], lambda x: tf.nn.local_response_normalization(x, 2)),
    ("maxpool", {"kernel": [3, 2], "stride": 2}, [M], K.MaxPooling2D((3, 2), 2)),
    ("maxpool", {"kernel": 2}, [L], K.MaxPooling1D(2)),
    ("maxpool", {"kernel": 2}, [D], K.MaxPooling3D(2)),
    ("avgpool", {"kernel": 2}, [M], K.AveragePooling2D(2)),
    ("avgpool", {"kernel": 2}, [L], K.AveragePooling1D(2)),
    ("avgpool", {"kernel": 2}, [D], K.AveragePooling3D(2)),
    ("global_avgpool", {}, [M], K.GlobalAveragePooling2D(keepdims=True)),
    ("global_avgpool", {}, [D], K.GlobalAveragePooling3D(keepdims=True)),
    ("adaptive_avgpool", {"output": 1}, [M], K.GlobalAveragePooling2D(keepdims=True)),
    ("adaptive_avgpool", {"output": [4, 3]}, [M], K.AveragePooling2D(2)),
    ("global_maxpool", {}, [M], K.GlobalMaxPooling2D(keepdims=True)),
    ("mean", {"axes": 1}, [S], lambda x: tf.reduce_mean(x, 1)),
    ("sum", {"axes": 1}, [S], lambda x: tf.reduce_sum(x, 1)),
    ("max", {"axes": 1}, [S], lambda x: tf.reduce_max(x, 1)),
    ("upsample", {"scale": 2}, [M], lambda x: tf.image.resize(x, (16, 12), "nearest")),
    ("upsample", {"scale": 2, "mode": "bilinear"}, [M], K.UpSampling2D(2, interpolation="bilinear")),
    ("pixel_shuffle", {"factor": 2}, [M], lambda x: tf.nn.depth_to_space(x, 2)),
    ("prelu", {}, [M], K.PReLU(shared_axes=[1, 2, 3])),
    ("prelu", {"per_channel": True}, [M], K.PReLU(shared_axes=[1, 2])),
    activation("relu", A.relu), activation("relu6", A.relu6), activation("leaky_relu", A.leaky_relu),
    activation("elu", A.elu), activation("selu", A.selu), activation("celu", A.celu), activation("silu", A.silu),
    activation("mish", A.mish), activation("hardsigmoid", A.hard_sigmoid), activation("hardswish", A.hard_silu),
    activation("hardtanh", A.hard_tanh), activation("sigmoid", A.sigmoid), activation("tanh", A.tanh),
    activation("softplus", A.softplus), activation("softsign", A.softsign), activation("gelu", A.gelu),
    activation("gelu", lambda x: A.gelu(x, approximate=True), approximate="tanh"),
    activation("log_softmax", A.log_softmax),
    ("softmax", {}, [S], K.Softmax()),
    ("glu", {}, [M], lambda x: A.glu(x, axis=-1)),
    ("add", {}, [S, S], lambda a, b: a + b),
    ("add", {}, [S, S, S], lambda *x: K.Add()(list(x))),
    ("sub", {}, [S, S], lambda a, b: a - b),
    ("mul", {}, [S, S], lambda a, b: a * b),
    ("mul", {}, [S, S, S], lambda *x: K.Multiply()(list(x))),
    ("div", {}, [S, S], lambda a, b: a / b),
    ("scale", {"by": 0.5}, [S], lambda a: a * 0.5),
    ("concat", {}, [S, S], lambda a, b: tf.concat([a, b], 1)),
    ("flatten", {}, [M], K.Flatten()),
    ("permute", {"order": [2, 1]}, [S], K.Permute((2, 1))),
    ("pad", {"padding": [1, 1, 1, 1]}, [M], K.ZeroPadding2D(1)),
    ("roll", {"shift": 1, "axes": [1]}, [S], lambda x: tf.roll(x, 1, 1)),
    ("dropout", {}, [M], K.Dropout(0.5)),
    ("identity", {}, [M], K.Identity()),
]  # fmt: skip
IMAGES = (L, M, D, [5, 3, 3])  # shapes of channels and positions; the others are features of steps


def main() -> None:
    lines = []
    for kind, args, shapes, layer in CASES:
        dtype = tf.int32 if kind == "embedding" else tf.float32
        sizes = [[2, *shape[1:], shape[0]] if shape in IMAGES else [2, *shape] for shape in shapes]
        lines.append(json.dumps({"kind": kind, "args": args, "inputs": shapes, **profile(layer, sizes, dtype)}))
    Path(__file__).with_name("tensorflow.json").write_text("[\n" + ",\n".join(lines) + "\n]\n", "utf-8")
    print(f"{len(lines)} layers")


def profile(layer: Callable[..., Any], sizes: list[list[int]], dtype: tf.DType) -> dict[str, Any]:
    """The frozen graph's operators and what the profiler says of it."""

    @tf.autograph.experimental.do_not_convert
    def call(*inputs: tf.Tensor) -> Any:
        return layer(*inputs)

    traced = tf.function(call).get_concrete_function(*[tf.TensorSpec(size, dtype) for size in sizes])
    graph = convert_variables_to_constants_v2_as_graph(traced)[0].graph
    builder = tf.compat.v1.profiler.ProfileOptionBuilder
    options = builder(builder.float_operation()).with_empty_output().build()
    metadata = tf.compat.v1.RunMetadata()
    found = tf.compat.v1.profiler.profile(graph=graph, run_meta=metadata, cmd="scope", options=options)
    kinds = Counter(each.type for each in graph.get_operations() if each.type not in NOISE)
    operators = dict(kinds) if "LoopCond" not in kinds else {"a loop": 1}
    return {"operators": operators, "flops": found.total_float_ops if found else 0}


if __name__ == "__main__":
    main()
