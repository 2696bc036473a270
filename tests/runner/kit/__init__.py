"""What the project's runners share: bench/run.sh uses it as well.

A runner is started with this package's directory on PYTHONPATH:

    PYTHONPATH="$root/tests/runner" /usr/bin/python3 -m ...

    options    the command line every runner takes
    verdict    exit codes, and the exception behind exit code 2
    table      text tables
    progress   a line of progress, in a terminal and in a log
    process    one command with a time limit and a log file
    meson      build directories
    gtest      one GoogleTest program, by test case
    machine    what the figures were measured on
    tree       the files of the project
    report     JSON documents
"""
