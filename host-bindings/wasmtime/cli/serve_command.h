#pragma once

#include <cstdint>
#include <string>

namespace CLI {
class App;
}

namespace tollgate::cli {

/// What the command line says to `tollgate serve`. Keys are in the environment only: command lines are seen by
/// everybody on the machine.
struct ServeArguments {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8787;
  std::string state;
  std::string config;  ///< empty: the shipped one
};

void add_serve_options(CLI::App& command, ServeArguments& arguments);

/// Serves until SIGINT or SIGTERM. The exit status: 0, or 2 when it could not begin.
int serve(const ServeArguments& arguments);

}  // namespace tollgate::cli
