"""Games of two players, many boards at once. A further game is one more module here."""
