"""A trained estimator as an ONNX graph: numbers of rows in (`inputs`, float32), probabilities or an amount out (`outputs`).

Trees are written by ourselves. A tree compares a float32 number with a threshold of 64 bits; rounded to the nearest float32 the
threshold may pass the number, so it is rounded down, which leaves every comparison as it was. The converter of skl2onnx rounds to
the nearest, and cannot save the trees of HistGradientBoosting at all.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

INPUT, OUTPUT = "inputs", "outputs"
OPSET, OPSET_ML, IR_VERSION = 17, 3, 9


@dataclass
class _Forest:
    """The attributes of `ai.onnx.ml.TreeEnsembleRegressor`, node by node."""

    nodes: dict[str, list[Any]] = field(
        default_factory=lambda: {
            name: []
            for name in (
                "nodes_treeids",
                "nodes_nodeids",
                "nodes_featureids",
                "nodes_values",
                "nodes_modes",
                "nodes_truenodeids",
                "nodes_falsenodeids",
            )
        }
    )
    targets: dict[str, list[Any]] = field(
        default_factory=lambda: {
            name: [] for name in ("target_treeids", "target_nodeids", "target_ids", "target_weights")
        }
    )
    trees: int = 0

    def split(self, node: int, feature: int, threshold: float, left: int, right: int) -> None:
        """Left where the feature is at most the threshold."""
        self._node(node, "BRANCH_LEQ", feature, _rounded_down(threshold), left, right)

    def leaf(self, node: int, values: npt.NDArray[np.float64], first_target: int = 0) -> None:
        """What is added to each target."""
        self._node(node, "LEAF", 0, 0.0, 0, 0)
        for at, value in enumerate(values):
            row = (self.trees, node, first_target + at, float(np.float32(value)))
            for name, one in zip(self.targets, row, strict=True):
                self.targets[name].append(one)

    def _node(self, node: int, mode: str, feature: int, value: float, left: int, right: int) -> None:
        row = (self.trees, node, int(feature), value, mode, int(left), int(right))
        for name, one in zip(self.nodes, row, strict=True):
            self.nodes[name].append(one)


def _rounded_down(threshold: float) -> float:
    rounded = np.float32(threshold)
    return float(rounded if float(rounded) <= threshold else np.nextafter(rounded, np.float32(-np.inf)))


def graph_of(estimator: Any, width: int, *, center: float = 0.0, scale: float = 1.0) -> onnx.ModelProto:
    """The graph of a fitted classifier or regressor over `width` numbers a row. `center`, `scale`: of an amount, which the
    estimator gives scaled. Its output: (rows, classes) or (rows, 1)."""
    name = type(estimator).__name__
    if name.startswith("RandomForest"):
        graph = _random_forest(estimator, width)
    elif name.startswith("HistGradientBoosting"):
        graph = _gradient_boosting(estimator, width)
    else:
        graph = _converted(estimator, width)
    if (center, scale) != (0.0, 1.0):
        _unscale(graph, center, scale)
    onnx.checker.check_model(graph)
    return graph


def _random_forest(estimator: Any, width: int) -> onnx.ModelProto:
    forest, count = _Forest(), len(estimator.estimators_)
    for one in estimator.estimators_:
        tree = one.tree_
        for node in range(tree.node_count):
            left, right = int(tree.children_left[node]), int(tree.children_right[node])
            if left == right:
                values = tree.value[node][0]
                shares = values / values.sum() if hasattr(estimator, "classes_") else values
                forest.leaf(node, shares / count)
            else:
                forest.split(node, tree.feature[node], float(tree.threshold[node]), left, right)
        forest.trees += 1
    targets = len(estimator.classes_) if hasattr(estimator, "classes_") else 1
    return _model(_ensemble(forest, targets, [0.0] * targets, OUTPUT), [], width, targets)


def _gradient_boosting(estimator: Any, width: int) -> onnx.ModelProto:
    forest = _Forest()
    for iteration in estimator._predictors:
        for target, predictor in enumerate(iteration):
            for node, one in enumerate(predictor.nodes):
                if one["is_leaf"]:
                    forest.leaf(node, np.array([one["value"]]), target)
                else:
                    forest.split(
                        node, one["feature_idx"], float(one["num_threshold"]), one["left"], one["right"]
                    )
            forest.trees += 1
    base = [float(one) for one in np.ravel(estimator._baseline_prediction)]
    if not hasattr(estimator, "classes_"):
        return _model(_ensemble(forest, 1, base, OUTPUT), [], width, 1)
    ensemble = _ensemble(forest, len(base), base, "raw")
    if len(base) > 1:
        return _model(ensemble, [helper.make_node("Softmax", ["raw"], [OUTPUT], axis=1)], width, len(base))
    second = [
        helper.make_node("Sigmoid", ["raw"], ["yes"]),
        helper.make_node("Neg", ["raw"], ["turned"]),
        helper.make_node("Sigmoid", ["turned"], ["no"]),
        helper.make_node("Concat", ["no", "yes"], [OUTPUT], axis=1),
    ]
    return _model(ensemble, second, width, 2)


def _ensemble(forest: _Forest, targets: int, base: list[float], output: str) -> onnx.NodeProto:
    return helper.make_node(
        "TreeEnsembleRegressor",
        [INPUT],
        [output],
        domain="ai.onnx.ml",
        n_targets=targets,
        aggregate_function="SUM",
        post_transform="NONE",
        base_values=base,
        **forest.nodes,
        **forest.targets,
    )


def _model(first: onnx.NodeProto, more: list[onnx.NodeProto], width: int, outputs: int) -> onnx.ModelProto:
    graph = helper.make_graph(
        [first, *more],
        "model",
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, [None, width])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [None, outputs])],
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", OPSET_ML)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)


def _converted(estimator: Any, width: int) -> onnx.ModelProto:
    """Support vectors, perceptrons and linear models, by skl2onnx."""
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType

    is_classifier = hasattr(estimator, "classes_")
    model: onnx.ModelProto = convert_sklearn(
        estimator,
        initial_types=[(INPUT, FloatTensorType([None, width]))],
        target_opset={"": OPSET, "ai.onnx.ml": OPSET_ML},
        options={id(estimator): {"zipmap": False}} if is_classifier else None,
    )
    model.graph.name = "model"  # the converter draws one, and a hash would tell nothing
    last = model.graph.output[-1].name
    model.graph.node.append(helper.make_node("Identity", [last], [OUTPUT]))
    outputs = len(estimator.classes_) if is_classifier else 1
    del model.graph.output[:]
    model.graph.output.append(helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [None, outputs]))
    return model


def _unscale(model: onnx.ModelProto, center: float, scale: float) -> None:
    """Turn what is scaled into an amount: the last node gives `scaled` instead, which is multiplied and moved."""
    for node in model.graph.node:
        node.output[:] = ["scaled" if name == OUTPUT else name for name in node.output]
    for name, value in (("scale", scale), ("center", center)):
        model.graph.initializer.append(numpy_helper.from_array(np.array([value], dtype=np.float32), name))
    model.graph.node.append(helper.make_node("Mul", ["scaled", "scale"], ["stretched"]))
    model.graph.node.append(helper.make_node("Add", ["stretched", "center"], [OUTPUT]))
