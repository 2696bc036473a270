"""Measures Cairn beside its baselines and judges the figures.

    __main__   bench/run.sh: the command line, the order of things
    catalogue  the bars: what is measured how, and what it must reach
    ways       ways of measuring: interleaved ratios, bounds, single runs
    bench      builds and runs the programs of bench/
    calls      counts system calls in what strace wrote
    judge      a bar's verdict; the table and the JSON document
"""
