"""Small models of Keras, made with either generation: what `make_keras.py` writes beside the applications."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Build = Callable[[Any], Any]


def _row(shape: tuple[Any, ...], *layers: Callable[[Any], Any], dtype: str = "float32") -> Build:
    """Layers one behind the other."""

    def build(keras: Any) -> Any:
        first = keras.layers.Input(shape, dtype=dtype, name="data")
        return keras.Sequential([first, *(layer(keras.layers) for layer in layers)])

    return build


def _siamese(keras: Any) -> Any:
    """A model inside a model, called twice, and a layer called twice."""
    layers = keras.layers
    tower = keras.Sequential(
        [layers.Input((32, 32, 3)), layers.Conv2D(8, 3, activation="relu"), layers.GlobalAveragePooling2D()],
        name="tower",
    )
    first, second = layers.Input((32, 32, 3), name="first"), layers.Input((32, 32, 3), name="second")
    project = layers.Dense(5, name="project")
    both = layers.Concatenate()([project(tower(first)), project(tower(second))])
    return keras.Model([first, second], [layers.Dense(1, name="score")(both), both])


def _frozen(keras: Any) -> Any:
    """A model of which a part is not trained."""
    layers = keras.layers
    inner = keras.Sequential([layers.Input((8,)), layers.Dense(4), layers.BatchNormalization()], name="inner")
    inner.trainable = False
    data = layers.Input((8,), name="data")
    frozen = layers.Dense(3, name="frozen", trainable=False)
    return keras.Model(data, layers.Dense(2)(frozen(inner(data))))


def _encoder(keras: Any) -> Any:
    """A block of a transformer over tokens."""
    layers = keras.layers
    tokens = layers.Input((20,), dtype="int32", name="tokens")
    x = layers.Embedding(100, 16)(tokens)
    y = layers.MultiHeadAttention(4, 6, value_dim=5, name="self")(x, x, use_causal_mask=True)
    x = layers.LayerNormalization(epsilon=1e-6)(layers.Add()([x, y]))
    y = layers.Dense(16)(layers.Dense(64, activation="gelu")(x))
    x = layers.LayerNormalization()(layers.Add()([x, layers.Dropout(0.1)(y)]))
    memory = layers.Input((7, 9), name="memory")
    x = layers.MultiHeadAttention(2, 8, use_bias=False, name="cross")(x, memory)
    x = layers.Attention()([x, x])
    return keras.Model([tokens, memory], layers.GlobalAveragePooling1D()(x))


def _unet(keras: Any) -> Any:
    """Down and up again, with what was before beside it."""
    layers = keras.layers
    data = layers.Input((33, 47, 3), name="data")
    x = kept = layers.Conv2D(6, 3, padding="same", activation="relu")(layers.ZeroPadding2D(((0, 1), (1, 0)))(data))
    x = layers.Conv2D(12, 5, strides=2, padding="same", dilation_rate=1)(x)
    x = layers.LeakyReLU()(layers.BatchNormalization(scale=False)(x))
    x = layers.Conv2DTranspose(6, 4, strides=2, padding="same")(x)
    x = layers.Concatenate()([x, kept])
    x = layers.PReLU(shared_axes=[1, 2])(layers.SeparableConv2D(10, 3, depth_multiplier=2)(x))
    x = layers.UpSampling2D(2, interpolation="bilinear")(x)
    x = layers.Cropping2D(((1, 2), (3, 0)))(x)
    x = layers.AveragePooling2D(3, 2, padding="same")(x)
    x = layers.Softmax()(layers.Dense(4)(x))
    return keras.Model(data, x)


def _any_size(keras: Any) -> Any:
    """An image of any size."""
    layers = keras.layers
    data = layers.Input((None, None, 3), name="data")
    x = layers.Rescaling(1 / 255)(data)
    x = layers.Conv2D(8, 3, strides=2, padding="same", activation="swish")(x)
    gate = layers.GlobalAveragePooling2D(keepdims=True)(x)
    gate = layers.Conv2D(8, 1, activation="hard_sigmoid")(gate)
    return keras.Model(data, layers.Multiply()([x, gate]))


MODELS: dict[str, Build] = {
    "siamese": _siamese,
    "frozen": _frozen,
    "encoder": _encoder,
    "unet": _unet,
    "any_size": _any_size,
    "lstm": _row((12, 5), lambda k: k.LSTM(7, return_sequences=True), lambda k: k.LSTM(4), lambda k: k.Dense(2)),
    "gru": _row((None, 5), lambda k: k.GRU(7, return_sequences=True), lambda k: k.GRU(4, reset_after=False)),
    "rnn": _row((12, 5), lambda k: k.SimpleRNN(7, use_bias=False)),
    "both_ways": _row(
        (12, 5),
        lambda k: k.Bidirectional(k.LSTM(6, return_sequences=True)),
        lambda k: k.Bidirectional(k.GRU(6, return_sequences=True), merge_mode="sum"),
        lambda k: k.Bidirectional(k.LSTM(3)),
    ),
    "text": _row(
        (50,),
        lambda k: k.Embedding(200, 8),
        lambda k: k.Conv1D(16, 5, activation="relu"),
        lambda k: k.MaxPooling1D(2),
        lambda k: k.Conv1D(16, 3, padding="causal", dilation_rate=2),
        lambda k: k.GlobalMaxPooling1D(),
        lambda k: k.Dense(3, activation="softmax"),
        dtype="int32",
    ),
    "volume": _row(
        (8, 10, 12, 2),
        lambda k: k.Conv3D(4, 3, padding="same"),
        lambda k: k.MaxPooling3D(2),
        lambda k: k.Conv3DTranspose(3, 2, strides=2),
        lambda k: k.GlobalAveragePooling3D(),
    ),
    "shapes": _row(
        (6, 4),
        lambda k: k.Permute((2, 1)),
        lambda k: k.Reshape((2, 3, -1)),
        lambda k: k.Conv2D(5, 2, padding="same"),
        lambda k: k.Flatten(),
        lambda k: k.RepeatVector(3),
        lambda k: k.GroupNormalization(5),
        lambda k: k.Dense(4),
    ),
    "transposed": _row(
        (5, 6, 2),
        lambda k: k.Conv2DTranspose(3, 3, strides=2),
        lambda k: k.Conv2DTranspose(3, 2, strides=3, padding="same"),
        lambda k: k.Conv2DTranspose(4, (2, 5), strides=(3, 2)),
        lambda k: k.DepthwiseConv2D(3, depth_multiplier=2, strides=2, padding="same"),
    ),
    "first": _row(
        (3, 16, 16),
        lambda k: k.Conv2D(4, 3, data_format="channels_first", groups=1),
        lambda k: k.BatchNormalization(axis=1, center=False),
        lambda k: k.MaxPooling2D(2, data_format="channels_first"),
        lambda k: k.Flatten(data_format="channels_first"),
        lambda k: k.Dense(3),
    ),
}
