"""The model is one of Hugging Face."""

from compete.tasks.language.pretrained import pretrained

__all__ = ["pretrained"]
