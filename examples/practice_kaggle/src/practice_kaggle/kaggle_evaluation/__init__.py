"""The evaluation service of a practice competition; its data holds a copy of this package.

It has the shape of Kaggle's package of this name: an inference server, which a notebook starts, and
a gateway, which alone has the hidden rows and asks the server batch by batch. It needs polars.
"""
