// Stores a tree of files in an engine of six drives, of which it may lose two:
// is killed, goes on, loses drives, heals them, and compares every byte.

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>

#include "quickstart/arguments.h"
#include "quickstart/drives.h"
#include "quickstart/report.h"
#include "quickstart/session.h"
#include "quickstart/steps.h"
#include "quickstart/tree.h"

namespace quickstart {
namespace {

constexpr int kPassed = 0;
constexpr int kFailed = 1;
constexpr int kUnmeasured = 2;

int ListSteps() {
  for (const Step& step : AllSteps()) {
    std::cout << std::left << std::setw(15) << step.id << step.what << "\n";
  }
  return kPassed;
}

// Whether the drives have room for `files`: their bytes and half as many of
// parity, the logs, and the same again where files are made anew before old
// ones are given up.
bool HasRoom(const std::vector<SourceFile>& files, const std::string& work) {
  std::error_code error;
  const std::uint64_t available = std::filesystem::space(work, error).available;
  const std::uint64_t logs = kDriveCount * cairn::EngineOptions().log_bytes;
  const std::uint64_t needed = 2 * (TotalSize(files) + logs);
  if (!error && available >= needed) return true;
  std::cerr << work << ": " << (needed >> 20) << " MiB are needed, "
            << (error ? 0 : available >> 20) << " are free\n";
  return false;
}

StepResult Run(const Step& step, Session& session) {
  std::cout << step.id << ": " << step.what << "\n" << std::flush;
  const auto started = std::chrono::steady_clock::now();
  const auto work = step.run(session);
  const std::chrono::duration<double> seconds =
      std::chrono::steady_clock::now() - started;
  if (!work.ok()) std::cerr << "  FAILED: " << work.status() << "\n";
  return {.id = std::string(step.id),
          .work = work.ok() ? *work : Work{},
          .seconds = seconds.count(),
          .passes = work.ok()};
}

// Ends with the first step that fails: the others need it.
std::vector<StepResult> RunAll(const std::vector<Step>& steps,
                               Session& session) {
  std::vector<StepResult> results;
  for (const Step& step : steps) {
    results.push_back(Run(step, session));
    if (!results.back().passes) break;
  }
  return results;
}

bool WriteJson(const std::string& path,
               const std::vector<StepResult>& results) {
  if (path.empty()) return true;
  std::ofstream file(path);
  file << RenderJson(results) << std::flush;
  if (!file) std::cerr << path << ": cannot be written\n";
  return file.good();
}

int Main(const Arguments& arguments) {
  const auto steps = Choose(arguments.only);
  if (!steps.ok()) {
    std::cerr << steps.status() << "\n";
    return kUnmeasured;
  }
  auto files = WalkTree(arguments.directory, arguments.work, arguments.seed);
  std::cout << arguments.directory << ": " << files.size() << " files, "
            << (TotalSize(files) >> 20) << " MiB, seed " << arguments.seed
            << "\n"
            << std::flush;
  if (files.empty() || !HasRoom(files, arguments.work)) return kUnmeasured;
  Session session =
      MakeSession(std::move(files), Drives(arguments.work), arguments.seed);
  const absl::Status made = session.drives.MakeEmpty(EveryDrive());
  if (!made.ok()) {
    std::cerr << made << "\n";
    return kUnmeasured;
  }
  const auto results = RunAll(*steps, session);
  std::cout << "\n" << RenderTable(results);
  if (!WriteJson(arguments.json, results)) return kUnmeasured;
  return results.back().passes ? kPassed : kFailed;
}

}  // namespace
}  // namespace quickstart

int main(int argc, char** argv) {
  const auto arguments = quickstart::ParseArguments(argc, argv);
  if (!arguments) return quickstart::kUnmeasured;
  if (arguments->is_list) return quickstart::ListSteps();
  return quickstart::Main(*arguments);
}
