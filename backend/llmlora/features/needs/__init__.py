"""Who needs what is to be deleted: asked in one place by every door that deletes."""
