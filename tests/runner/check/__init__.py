"""The runner behind tests/run.sh.

    __main__   the command: what runs, in which order, and how it ends
    results    cases by suite, figures, the table and the JSON document
    skips      tests/skips.txt
    figures    what the test programs count
    session    what every step is given
    tidying    step: tidy and the self-tests of the tools
    programs   steps: the test programs in three builds
    fuzzing    step: the fuzzers
    mutating   step: the mutants
"""
