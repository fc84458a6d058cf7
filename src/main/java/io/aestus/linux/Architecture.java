package io.aestus.linux;

/** The machine architectures this room knows; they differ in system call numbers, a few flags, and machine code. */
enum Architecture {
    X86_64(0x10000, 0x20000, 62),
    AARCH64(0x4000, 0x8000, 183);

    private static final Architecture CURRENT = detect();

    /** Opens directories only. */
    final int oDirectory;
    /** Does not follow a link in the last component. */
    final int oNofollow;
    /** The {@code e_machine} of an ELF file. */
    final int elfMachine;

    Architecture(int oDirectory, int oNofollow, int elfMachine) {
        this.oDirectory = oDirectory;
        this.oNofollow = oNofollow;
        this.elfMachine = elfMachine;
    }

    /** The one this process runs on. */
    static Architecture current() {
        return CURRENT;
    }

    private static Architecture detect() {
        String name = System.getProperty("os.arch", "");
        return switch (name) {
            case "amd64", "x86_64" -> X86_64;
            case "aarch64" -> AARCH64;
            default -> throw new UnsupportedOperationException("no system call table for architecture " + name);
        };
    }
}
