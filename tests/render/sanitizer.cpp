// Read by the leak sanitizer where the tests are built with it: fontconfig, which Cairo asks for its letters, keeps
// a few hundred bytes for the life of the program.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libfontconfig\n";
}
