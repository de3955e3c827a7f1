"""Exports a trained model that predicts to ONNX."""
