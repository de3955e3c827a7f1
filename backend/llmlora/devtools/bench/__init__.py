"""What `bench` needs beside the programs of `up`."""
