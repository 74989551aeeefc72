"""The author's part of the project: data, model, and what else was changed to climb."""
