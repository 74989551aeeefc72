"""Networks that paint: images made by adversarial networks, from noise or from other images."""
