// The CRC-32C checksum (Castagnoli), which TFRecord files and TensorBoard's event files carry.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ludus {

/// Returns the CRC-32C of `bytes`: reflected, polynomial 0x1EDC6F41, eight bytes at a time. With `previous`, the
/// checksum of earlier bytes, returns the checksum of both parts.
std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t previous = 0);
std::uint32_t crc32c(std::string_view bytes, std::uint32_t previous = 0);

/// Returns the form in which TFRecord stores a checksum: rotated by 15 bits, plus a constant. (A checksum over bytes
/// that hold checksums would otherwise be weak.)
constexpr std::uint32_t masked_crc(std::uint32_t crc) {
  return ((crc >> 15) | (crc << 17)) + 0xA282EAD8u;
}

}  // namespace ludus
