// Text made fit for libraries and programs that stumble over broken encodings and control characters.
#pragma once

#include <string>
#include <string_view>

namespace ludus::render {

// `text` as valid UTF-8 on one line: every byte that is not part of a well-formed sequence (RFC 3629) becomes
// U+FFFD, every control character (also line ends and tabs) a space.
std::string printable(std::string_view text);

}  // namespace ludus::render
