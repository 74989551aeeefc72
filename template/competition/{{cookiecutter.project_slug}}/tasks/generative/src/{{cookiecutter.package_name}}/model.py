"""The generator and discriminator, their losses and their augmentation."""

from compete.tasks.generative.module import GanModule


class Model(GanModule):
    """The GAN. Its arguments, those of `GanModule`, are the keys of `model` in params.yaml.

    To translate images instead, such as photographs into paintings, derive from
    `compete.tasks.generative.translation.TranslationModule`, and set `data.source_images` to the
    images to translate.
    """
