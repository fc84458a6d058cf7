package io.aestus.cli;

/** Whose manners the command line has: a link named {@code rkt} to it behaves as rkt did. */
enum Dialect {
    AESTUS,
    RKT;

    /** What this process is called, as the script that starts it says. */
    static Dialect ofProcess() {
        return "rkt".equals(System.getProperty("aestus.name")) ? RKT : AESTUS;
    }
}
