"""The networks that make images, their losses and their augmentation."""

from compete.tasks.generative.module import GanModule


class Model(GanModule):
    """The section `model` of params.yaml: the arguments of `GanModule`.

    To translate images into others instead, as photographs into paintings, derive from
    `compete.tasks.generative.translation.TranslationModule`, and name the images to translate in
    `data.source_images`.
    """
