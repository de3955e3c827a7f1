"""The pages: Node, their packages, and the production build that `up` serves."""
