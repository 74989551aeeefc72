"""Trained models as ONNX, and the page that runs them in a visitor's browser."""
