"""OpenAI's API under `/v1`, for programs that speak it: chat completions and models."""
