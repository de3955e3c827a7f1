"""Courses: the Markdown of tutorial/docs, read as steps and as what finishes its sections, and how far a learner has come."""
