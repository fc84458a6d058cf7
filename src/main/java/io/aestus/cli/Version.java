package io.aestus.cli;

/** What this build is; printed by {@code aestus version} before anything else is loaded. */
final class Version {
    /** The version of the App Container specification that is followed. */
    static final String APPC = "0.8.11";

    /** Of this build, as pom.xml has it; not read from the jar's manifest, since opening the jar takes longer than all else. */
    static final String AESTUS = "0.1.0";

    private Version() {}

    /** The lines of {@code aestus version}, in rkt's order. */
    static String text() {
        return System.getProperty("aestus.name", "aestus") + " Version: " + AESTUS + "\nappc Version: " + APPC
                + "\nJava Version: " + System.getProperty("java.version") + "\nOS/Arch: linux/"
                + System.getProperty("os.arch") + "\n";
    }
}
