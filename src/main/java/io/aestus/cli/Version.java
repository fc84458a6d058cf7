package io.aestus.cli;

/** What this build is; printed by {@code aestus version} before anything else is loaded. */
final class Version {
    /** The version of the App Container specification that is followed. */
    static final String APPC = "0.8.11";

    private Version() {}

    /** The version in the jar's manifest, or {@code development} when run from classes. */
    static String aestus() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    /** The lines of {@code aestus version}, in rkt's order. */
    static String text() {
        return "aestus Version: " + aestus() + "\nappc Version: " + APPC + "\nJava Version: "
                + System.getProperty("java.version") + "\nOS/Arch: linux/" + System.getProperty("os.arch") + "\n";
    }
}
