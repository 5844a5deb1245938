"""Tools: long jobs that read the shop's data and write files, each run in a process of its own.

`requests` asks for a run, `runs` is what a worker does then, `execution` what the process of the tool does.
That imports as little as it can, because it starts anew for every run: this module therefore gathers nothing.
"""
