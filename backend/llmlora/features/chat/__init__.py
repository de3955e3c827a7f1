"""Chat: conversations with base models and deployments, one or two side by side, kept and streamed."""
