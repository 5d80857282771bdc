"""What PyTorch has no module or function of its own for, written into a source that uses it."""

from __future__ import annotations

HELPERS = {
    "ChannelNorm": '''
class ChannelNorm(nn.LayerNorm):
    """Layer normalisation over the channels of [N, C, H, W]."""

    def forward(self, x):
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)
''',
    "FrozenBatchNorm": '''
class FrozenBatchNorm(nn.Module):
    """Batch normalisation with fixed statistics, scale and shift."""

    def __init__(self, channels, eps=1e-5):
        super().__init__()
        self.eps = eps
        for name, value in (("weight", 1.0), ("bias", 0.0), ("running_mean", 0.0), ("running_var", 1.0)):
            self.register_buffer(name, torch.full((channels,), value))

    def forward(self, x):
        shape = (1, -1, *[1] * (x.ndim - 2))
        scale = (self.weight * (self.running_var + self.eps).rsqrt()).reshape(shape)
        return x * scale + (self.bias.reshape(shape) - self.running_mean.reshape(shape) * scale)
''',
    "RelativePositionBias": '''
class RelativePositionBias(nn.Module):
    """A learned scalar for each head and each offset between two positions of a window."""

    def __init__(self, window, heads, flat=True, learned=True):
        super().__init__()
        rows, columns = window
        self.heads, self.positions = heads, rows * columns
        if learned:
            table = torch.zeros((2 * rows - 1) * (2 * columns - 1), heads)
            self.relative_position_bias_table = nn.Parameter(table)
        places = torch.stack(torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")).flatten(1)
        offsets = places[:, :, None] - places[:, None, :]
        index = (offsets[0] + rows - 1) * (2 * columns - 1) + offsets[1] + columns - 1
        self.register_buffer("relative_position_index", index.flatten() if flat else index)

    def forward(self, x):
        table = getattr(self, "relative_position_bias_table", None)
        batch = 1 if table is None else x.shape[0]
        table = x[0].reshape(-1, self.heads) if table is None else table
        bias = table[self.relative_position_index.flatten()].view(self.positions, self.positions, -1)
        return bias.permute(2, 0, 1).expand(batch, -1, -1, -1)
''',
    "states": '''
def states(result):
    """The output of a recurrent layer and its last states, batch first."""
    output, last = result
    return (output, *(state.transpose(0, 1) for state in (last if isinstance(last, tuple) else (last,))))
''',
    "drop_path": '''
def drop_path(x, p, training):
    """Leave out whole samples in training."""
    if p == 0.0 or not training:
        return x
    kept = torch.rand(x.shape[0], *[1] * (x.ndim - 1), device=x.device) >= p
    return x * kept / (1 - p)
''',
    "visible": '''
def visible(queries, keys, causal, window):
    """Which keys a query sees."""
    distance = torch.arange(keys)[None] - (torch.arange(queries)[:, None] + keys - queries)
    seen = distance <= 0 if causal else torch.ones(queries, keys, dtype=torch.bool)
    if window is not None:
        seen = seen & (distance.abs() <= (window - 1 if causal else (window - 1) // 2))
    return seen
''',
    "center_crop": '''
def center_crop(x, sizes):
    """The middle of each spatial axis."""
    for axis, size in enumerate(sizes, 2):
        x = x.narrow(axis, (x.shape[axis] - size) // 2, size)
    return x
''',
    "window_partition": '''
def window_partition(x, height, width):
    """[N, H, W, C] to [N * windows, height * width, C]."""
    x = x.unflatten(1, (-1, height)).unflatten(3, (-1, width))
    return x.permute(0, 1, 3, 2, 4, 5).flatten(0, 2).flatten(1, 2)
''',
    "window_merge": '''
def window_merge(x, height, width, rows, columns):
    """[N * windows, height * width, C] to [N, rows, columns, C]."""
    x = x.view(-1, rows // height, columns // width, height, width, x.shape[-1])
    return x.permute(0, 1, 3, 2, 4, 5).flatten(3, 4).flatten(1, 2)
''',
    "tie": '''
def tie(network, owners):
    """One tensor under several names."""
    for name, owner in owners.items():
        (place, leaf), (there, weight) = (each.rpartition(".")[::2] for each in (name, owner))
        setattr(network.get_submodule(place), leaf, getattr(network.get_submodule(there), weight))
''',
}
