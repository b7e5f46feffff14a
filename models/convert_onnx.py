"""Writes the ONNX graph of all-MiniLM-L6-v2 from its safetensors weights.

Standard library only and byte for byte reproducible, so the result has a fixed SHA-256.

Two files come out. `model.onnx` holds the graph; `weights.bin` holds the tensors, which the
runtime maps into memory: sessions share them, and rows of the vocabulary that no text
uses never become resident. The graph uses the runtime's fused operators (domain
com.microsoft), as its own BERT optimiser would produce: one product for query, key
and value, and no intermediate copies.

    input_ids, attention_mask, token_type_ids  int64 [batch, sequence]
    last_hidden_state                          float [batch, sequence, hidden]
"""

import json
import struct
import sys
from array import array
from pathlib import Path

PAGE = 4096
FLOAT, INT32, INT64 = 1, 6, 7
FUSED = "com.microsoft"


class Message:
    """A protobuf message being written; fields are appended in the order given."""

    def __init__(self):
        self.data = bytearray()

    def _varint(self, value):
        while value > 0x7F:
            self.data.append(value & 0x7F | 0x80)
            value >>= 7
        self.data.append(value)

    def integer(self, field, value):
        self._varint(field << 3)
        self._varint(value)
        return self

    def single(self, field, value):
        self._varint(field << 3 | 5)
        self.data += struct.pack("<f", value)
        return self

    def bytes(self, field, value):
        value = value.encode() if isinstance(value, str) else value.data if isinstance(value, Message) else value
        self._varint(field << 3 | 2)
        self._varint(len(value))
        self.data += value
        return self


class Safetensors:
    """Reads float32 tensors from a safetensors file."""

    def __init__(self, path):
        self.file = open(path, "rb")
        size, = struct.unpack("<Q", self.file.read(8))
        self.header = json.loads(self.file.read(size))
        self.start = 8 + size

    def read(self, name):
        entry = self.header[name]
        if entry["dtype"] != "F32":
            raise ValueError(f"{name} is {entry['dtype']}, not F32")
        begin, end = entry["data_offsets"]
        self.file.seek(self.start + begin)
        values = array("f")
        values.frombytes(self.file.read(end - begin))
        return entry["shape"], values


def transposed(shape, values):
    """A [out, in] matrix as [in, out]: the weights as a product takes them."""
    columns = shape[1]
    result = array("f")
    for column in range(columns):
        result += values[column::columns]
    return [columns, shape[0]], result


def beside(matrices):
    """Matrices [in, n] set beside each other as one [in, sum of n]."""
    rows = matrices[0][0][0]
    result = array("f")
    for row in range(rows):
        for (_, width), values in matrices:
            result += values[row * width:(row + 1) * width]
    return [rows, sum(shape[1] for shape, _ in matrices)], result


class Graph:
    """The ONNX graph being built, and the file its tensors go to."""

    def __init__(self, weights):
        self.graph = Message()
        self.nodes = []
        self.initializers = []
        self.weights = weights
        self.offset = 0

    def tensor(self, name, shape, values):
        padding = -self.offset % PAGE
        raw = values.tobytes()
        self.weights.write(b"\0" * padding + raw)
        self.offset += padding
        message = Message()
        for size in shape:
            message.integer(1, size)
        message.integer(2, FLOAT).bytes(8, name)
        for key, value in (("location", "weights.bin"), ("offset", self.offset), ("length", len(raw))):
            message.bytes(13, Message().bytes(1, key).bytes(2, str(value)))
        self.initializers.append(message.integer(14, 1))
        self.offset += len(raw)
        return name

    def node(self, kind, inputs, output, domain="", unused=(), **attributes):
        message = Message()
        for name in inputs:
            message.bytes(1, name)
        for name in (output, *unused):
            message.bytes(2, name)
        message.bytes(3, output).bytes(4, kind)
        for key, value in attributes.items():
            attribute = Message().bytes(1, key)
            if isinstance(value, float):
                attribute.single(2, value).integer(20, 1)
            else:
                attribute.integer(3, value).integer(20, 2)
            message.bytes(5, attribute)
        self.nodes.append(message.bytes(7, domain))
        return output


def value_info(name, kind, dimensions):
    shape = Message()
    for size in dimensions:
        dimension = Message()
        shape.bytes(1, dimension.integer(1, size) if isinstance(size, int) else dimension.bytes(2, size))
    tensor = Message().integer(1, kind).bytes(2, shape)
    return Message().bytes(1, name).bytes(2, Message().bytes(1, tensor))


def embeddings(graph, source, epsilon):
    """Word, position and type embeddings, summed and normalised."""
    names = []
    for kind in ("word_embeddings", "position_embeddings", "token_type_embeddings"):
        names.append(graph.tensor(kind, *source.read(f"embeddings.{kind}.weight")))
    for kind in ("weight", "bias"):
        names.append(graph.tensor(f"embeddings.{kind}", *source.read(f"embeddings.LayerNorm.{kind}")))
    ids = graph.node("Cast", ["input_ids"], "ids", to=INT32)
    types = graph.node("Cast", ["token_type_ids"], "types", to=INT32)
    return graph.node("EmbedLayerNormalization", [ids, types, *names], "embedded", FUSED,
                      unused=("mask_index",), epsilon=epsilon)


def add_and_norm(graph, source, prefix, value, residual, epsilon, output):
    """Adds the bias and the residual, then normalises."""
    weight = graph.tensor(f"{output}.gamma", *source.read(f"{prefix}.LayerNorm.weight"))
    offset = graph.tensor(f"{output}.beta", *source.read(f"{prefix}.LayerNorm.bias"))
    bias = graph.tensor(f"{output}.bias", *source.read(f"{prefix}.dense.bias"))
    return graph.node("SkipLayerNormalization", [value, residual, weight, offset, bias], output, FUSED, epsilon=epsilon)


def product(graph, source, prefix, value, output):
    weight = graph.tensor(f"{output}.weight", *transposed(*source.read(f"{prefix}.dense.weight")))
    return graph.node("MatMul", [value, weight], output)


def layer(graph, source, number, value, config, last):
    """One transformer layer: attention, then the feed-forward network."""
    epsilon = config["layer_norm_eps"]
    prefix = f"encoder.layer.{number}"
    heads = [f"{prefix}.attention.self.{part}" for part in ("query", "key", "value")]
    weight = beside([transposed(*source.read(f"{head}.weight")) for head in heads])
    bias = array("f")
    for head in heads:
        bias += source.read(f"{head}.bias")[1]
    qkv = graph.tensor(f"{number}.qkv.weight", *weight)
    qkv_bias = graph.tensor(f"{number}.qkv.bias", [len(bias)], bias)
    attended = graph.node("Attention", [value, qkv, qkv_bias, "mask"], f"{number}.attended", FUSED,
                          num_heads=config["num_attention_heads"])
    mixed = product(graph, source, f"{prefix}.attention.output", attended, f"{number}.mixed")
    value = add_and_norm(graph, source, f"{prefix}.attention.output", mixed, value, epsilon, f"{number}.attention")
    wide = product(graph, source, f"{prefix}.intermediate", value, f"{number}.wide")
    wide_bias = graph.tensor(f"{number}.wide.bias", *source.read(f"{prefix}.intermediate.dense.bias"))
    active = graph.node("BiasGelu", [wide, wide_bias], f"{number}.active", FUSED)
    narrow = product(graph, source, f"{prefix}.output", active, f"{number}.narrow")
    name = "last_hidden_state" if last else f"{number}.output"
    return add_and_norm(graph, source, f"{prefix}.output", narrow, value, epsilon, name)


def convert(folder, target):
    """Reads `model.safetensors` and `config.json` of `folder`, writes into `target`."""
    if sys.byteorder != "little":
        raise ValueError("the weights can only be converted on a little-endian machine")
    config = json.loads((Path(folder) / "config.json").read_text(encoding="utf-8"))
    source = Safetensors(Path(folder) / "model.safetensors")
    with open(Path(target) / "weights.bin", "wb") as weights:
        graph = Graph(weights)
        value = embeddings(graph, source, config["layer_norm_eps"])
        graph.node("Cast", ["attention_mask"], "mask", to=INT32)
        layers = config["num_hidden_layers"]
        for number in range(layers):
            value = layer(graph, source, number, value, config, last=number == layers - 1)
    message = graph.graph
    for node in graph.nodes:
        message.bytes(1, node)
    message.bytes(2, "all-MiniLM-L6-v2")
    for tensor in graph.initializers:
        message.bytes(5, tensor)
    for name in ("input_ids", "attention_mask", "token_type_ids"):
        message.bytes(11, value_info(name, INT64, ["batch", "sequence"]))
    message.bytes(12, value_info("last_hidden_state", FLOAT, ["batch", "sequence", config["hidden_size"]]))
    model = Message().integer(1, 8).bytes(2, "coxswain").bytes(7, message)
    for domain, version in (("", 17), (FUSED, 1)):
        model.bytes(8, Message().bytes(1, domain).integer(2, version))
    (Path(target) / "model.onnx").write_bytes(model.data)


if __name__ == "__main__":
    convert(sys.argv[1], sys.argv[2])
