"""Inference servers as child processes of ours: started, watched, restarted, ended with their owner."""
