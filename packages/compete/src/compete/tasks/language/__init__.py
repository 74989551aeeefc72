"""What the tasks on texts share: tokenizers, tokens, normalization."""
