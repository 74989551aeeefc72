"""The networks that translate photographs to paintings, their losses and their augmentation."""

from compete.tasks.generative.translation import TranslationModule


class Model(TranslationModule):
    """CUT (arXiv 2007.15651). Its arguments, those of `TranslationModule`, are the keys of `model`.

    To generate paintings from noise instead, derive from
    `compete.tasks.generative.module.GanModule`, and set `data.source_images: null`.
    """
