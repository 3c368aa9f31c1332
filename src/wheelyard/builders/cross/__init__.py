"""Building for another machine than this one, without emulation: sysroot, toolchain, shim.

"Build" is the machine that compiles, "host" the one that the result runs on, as GNU has it.
"""
