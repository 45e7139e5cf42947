# How our own code is compiled: warnings and sanitizers as interface targets, linked privately.

add_library(souschef_warnings INTERFACE)
target_compile_options(
  souschef_warnings
  INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wconversion -Wold-style-cast -Woverloaded-virtual
            -Wnon-virtual-dtor -Wcast-align -Wnull-dereference -Wimplicit-fallthrough>
            $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wshadow=local -Wduplicated-cond -Wlogical-op
            # gcc 12 sees ghosts in its own inlined std::string and std::variant
            -Wno-restrict -Wno-maybe-uninitialized -Wno-null-dereference -Wno-array-bounds -Wno-stringop-overflow
            -Wno-stringop-overread -Wno-missing-field-initializers>
            $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wshadow -Wno-missing-field-initializers>)
if(SOUSCHEF_WERROR)
  target_compile_options(souschef_warnings INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Werror>)
endif()

add_library(souschef_sanitizers INTERFACE)
if(SOUSCHEF_SANITIZE)
  target_compile_options(souschef_sanitizers INTERFACE -fsanitize=${SOUSCHEF_SANITIZE} -fno-omit-frame-pointer
                                                       -fno-sanitize-recover=undefined)
  target_link_options(souschef_sanitizers INTERFACE -fsanitize=${SOUSCHEF_SANITIZE})
endif()
if(SOUSCHEF_SANITIZE OR CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_definitions(souschef_sanitizers INTERFACE _GLIBCXX_ASSERTIONS)
endif()

# Everything of ours links this.
add_library(souschef_own INTERFACE)
target_link_libraries(souschef_own INTERFACE souschef_warnings souschef_sanitizers)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_C_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()
