"""The networks that turn photographs into paintings, their losses and their augmentation."""

from compete.tasks.generative.translation import TranslationModule


class Model(TranslationModule):
    """The section `model` of params.yaml: the arguments of `TranslationModule`.

    It translates each photograph (CUT, arXiv 2007.15651). To paint from noise instead, derive from
    `compete.tasks.generative.module.GanModule`, and set `data.source_images: null`.
    """
