// What the steps did and how long they took.

#ifndef CAIRN_EXAMPLES_QUICKSTART_REPORT_H_
#define CAIRN_EXAMPLES_QUICKSTART_REPORT_H_

#include <string>
#include <vector>

#include "quickstart/receipt.h"

namespace quickstart {

struct StepResult {
  std::string id;
  Work work;
  double seconds = 0;
  bool passes = false;
};

// A table for people.
std::string RenderTable(const std::vector<StepResult>& results);

// {"steps": [...]}; see examples/README.md.
std::string RenderJson(const std::vector<StepResult>& results);

}  // namespace quickstart

#endif  // CAIRN_EXAMPLES_QUICKSTART_REPORT_H_
