// Rows and columns as people read them, and as spreadsheets and web pages do.
#pragma once

#include <string>
#include <vector>

namespace ludus::apps {

struct Table {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;  // each as long as the header
  std::vector<bool> right;                     // which columns stand at the right: those of numbers
};

// Columns padded with spaces, under a rule; letters beyond ASCII count as one place.
std::string to_text(const Table& table);
std::string to_markdown(const Table& table);
std::string to_csv(const Table& table);  // RFC 4180, but with plain line ends

// "42.1" with so many digits behind the point; "–" for what is not finite.
std::string fixed(double value, int digits);

}  // namespace ludus::apps
