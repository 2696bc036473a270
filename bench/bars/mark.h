// Marks in the system calls of a program, for who traces it.

#ifndef CAIRN_BENCH_BARS_MARK_H_
#define CAIRN_BENCH_BARS_MARK_H_

namespace cairn::bench {

// What lies between the two, in time, is what bench/runner counts.
void MarkBegin();
void MarkEnd();

}  // namespace cairn::bench

#endif  // CAIRN_BENCH_BARS_MARK_H_
