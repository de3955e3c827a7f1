"""Plain functions that recipes share. Here and in `run.py` files, torch may be imported."""
