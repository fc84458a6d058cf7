package io.aestus.linux;

import java.util.HexFormat;

/**
 * The first process of a pod: a static executable of a few hundred bytes that takes away everybody's right to look into it
 * and then does nothing for ever. It costs a few kilobytes of memory, holds the pod's namespaces and parked descriptors, and
 * cannot be signalled from inside the pod. Its sources are in {@code src/main/asm/}.
 */
public final class FirstProcess {
    private static final String X86_64 =
            "b89d000000bf0400000031f631d24531d24531c00f05b80f01000031ff31f631d24531d24531c00f05ebeb";

    private static final String AARCH64 =
            "e81480d2800080d2010080d2020080d2030080d2040080d2010000d4280980d2000080d2010080d2020080d2030080d2"
                    + "040080d2010000d4f9ffff17";

    private FirstProcess() {}

    /** Its executable, in memory and sealed against any change; one serves any number of pods. */
    public static Fd image() throws SyscallException {
        return image("aestus-pod");
    }

    /** The same by another name, for a process that holds descriptors and does nothing else. */
    public static Fd image(String name) throws SyscallException {
        return Memfd.sealed(name, ElfImage.of(Architecture.current(), code(Architecture.current())));
    }

    static byte[] code(Architecture architecture) {
        return HexFormat.of()
                .parseHex(
                        switch (architecture) {
                            case X86_64 -> X86_64;
                            case AARCH64 -> AARCH64;
                        });
    }
}
