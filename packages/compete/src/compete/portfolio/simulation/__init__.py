"""What a project whose agent plays shows: training, ladder, times, mistakes, a game."""
