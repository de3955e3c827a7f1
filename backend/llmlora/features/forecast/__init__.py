"""What a job will take of memory, time and disk, told before it starts."""
